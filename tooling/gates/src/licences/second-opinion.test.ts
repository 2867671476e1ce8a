import { execa } from "execa";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import {
  createSecondOpinionGate,
  type GatePackage,
  isBlocking,
  type LicenceVerdict,
  policySchema,
  runGates,
  secondOpinion,
} from "@hxp/release-gates";
import { makeInput } from "../../test/make-input.ts";
import { writeFiles } from "../../test/install-workspace.ts";
import { type PublishedManifest, serveRegistry } from "../../test/serve-registry.ts";
import { createFolder, temporaryFolder } from "../../test/temporary-folder.ts";

const published: PublishedManifest[] = [
  {
    name: "released",
    version: "1.0.0",
    license: "MIT",
    dependencies: { plain: "^1.0.0", both: "1.0.0", old: "1.0.0" },
  },
  { name: "plain", version: "1.0.0", license: "ISC" },
  { name: "plain", version: "1.1.0", license: "AGPL-3.0-only" },
  { name: "both", version: "1.0.0", license: "(MIT AND ISC)" },
  { name: "old", version: "1.0.0", licenses: [{ type: "MIT" }, { type: "BSD-3-Clause" }] },
];
const options = { policy: policySchema.parse({}).licences };

let consumer: string;
beforeAll(async () => {
  await using registry = await serveRegistry(published);
  consumer = await createFolder();
  await writeFiles(consumer, { "package.json": { name: "consumer", version: "0.0.0", private: true } });
  const offline = ["--no-audit", "--no-fund", "--registry", registry.url, "--cache", join(consumer, ".cache")];
  await execa("npm", ["install", "released@1.0.0", ...offline], { cwd: consumer });
  return async () => {
    await execa("rm", ["-rf", consumer]);
  };
});

const verdictOf = (id: string, licence: string, change: Partial<LicenceVerdict> = {}): LicenceVerdict => ({
  id,
  name: id.slice(0, id.indexOf("@", 1)),
  version: id.slice(id.indexOf("@", 1) + 1),
  licence,
  source: "installed",
  kind: "code",
  optional: false,
  allowed: true,
  ...change,
});
const agreeing = [
  verdictOf("released@1.0.0", "MIT"),
  verdictOf("plain@1.1.0", "AGPL-3.0-only", { allowed: false }),
  verdictOf("both@1.0.0", "MIT AND ISC"),
  verdictOf("old@1.0.0", "MIT, BSD-3-Clause"),
];

async function compare(changes: LicenceVerdict[], left: string[] = []): Promise<[string, string, string][]> {
  const verdicts = new Map([...agreeing, ...changes].map((verdict) => [verdict.id, verdict]));
  for (const id of left) verdicts.delete(id);
  const found = await secondOpinion(consumer, [...verdicts.values()], options);
  return found.map(({ rule, severity, where }) => [rule, severity, where]);
}

describe("secondOpinion, of license-checker on a project that npm installed", () => {
  test("is silent where both say the same", async () => {
    expect(await compare([])).toEqual([]);
  });

  test("errs where a consumer gets what the lockfile does not have and the policy does not allow", async () => {
    const found = await compare([verdictOf("plain@1.0.0", "ISC")], ["plain@1.1.0"]);
    expect(found).toEqual([["opinion-unlisted", "error", "plain@1.1.0"]]);
  });

  test("warns where a consumer gets something else that is allowed", async () => {
    expect(await compare([], ["both@1.0.0"])).toEqual([["opinion-unlisted", "warning", "both@1.0.0"]]);
  });

  test("errs where the verdicts differ, and says which tool says what", async () => {
    const [found] = await secondOpinion(consumer, [...agreeing, verdictOf("plain@1.1.0", "MIT")], options);
    expect(found).toMatchObject({ rule: "opinion-differs", severity: "error" });
    expect(found!.message).toBe(
      "plain@1.1.0: we read MIT (installed), which the policy allows; license-checker says AGPL-3.0-only, which it does not allow.",
    );
  });

  test("warns where only the words differ, or a clarification overrides", async () => {
    expect(await compare([verdictOf("both@1.0.0", "MIT")])).toEqual([["opinion-differs", "warning", "both@1.0.0"]]);
    const clarification = verdictOf("plain@1.1.0", "MIT", { source: "clarification" });
    expect(await compare([clarification])).toEqual([["opinion-differs", "warning", "plain@1.1.0"]]);
  });

  test("warns of a required dependency that is not there, and not of an optional one", async () => {
    const optional = verdictOf("elsewhere@1.0.0", "MIT", { optional: true });
    expect(await compare([verdictOf("gone@1.0.0", "MIT"), optional])).toEqual([
      ["opinion-missing", "warning", "gone@1.0.0"],
    ]);
  });

  test("throws when license-checker sees nothing, or is stopped", async () => {
    const folder = await temporaryFolder();
    await writeFiles(folder, { "package.json": { name: "empty", version: "0.0.0" } });
    await expect(secondOpinion(folder, [], options)).rejects.toMatchObject({ code: "LICENCE_CHECKER_FAILED" });
    const controller = new AbortController();
    onTestFinished(() => controller.abort());
    controller.abort(new Error("stopped"));
    await expect(secondOpinion(consumer, [], { ...options, signal: controller.signal })).rejects.toThrow("stopped");
  });
});

test("a second opinion says in its details where the two readers disagree", async () => {
  const workspace = await temporaryFolder();
  await writeFiles(workspace, {
    "package.json": { name: "released", version: "1.0.0", license: "MIT" },
    "pnpm-lock.yaml": "lockfileVersion: '9.0'\nimporters:\n  .: {}\n",
  });
  const released: GatePackage = {
    name: "released",
    version: "1.0.0",
    folder: ".",
    private: false,
    manifest: {},
    tarball: { path: "", integrity: "" },
  };
  const [result] = await runGates([createSecondOpinionGate(consumer)], makeInput(workspace, { packages: [released] }));
  expect(result!.details).toMatchObject({
    packages: 4,
    disagreements: [
      { id: "both@1.0.0", ours: "none", theirs: "(MIT AND ISC)", rule: "opinion-unlisted" },
      { id: "old@1.0.0", ours: "none", theirs: "MIT, BSD-3-Clause" },
      { id: "plain@1.1.0", ours: "none", theirs: "AGPL-3.0-only" },
    ],
  });
});

test("a second opinion without a project that npm installed is not run, and blocks", async () => {
  const [result] = await runGates([createSecondOpinionGate(undefined)], makeInput(await temporaryFolder()));
  expect(result).toMatchObject({ verdict: "not-run", findings: [{ rule: "not-run" }] });
  expect(isBlocking(result!)).toBe(true);
});
