import { readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import {
  type GateInput,
  type GatePackage,
  type GateResult,
  type LicencesDetails,
  licencesGate,
  readProductionClosure,
  readReleaseLicences,
  type ReleasePolicyInput,
  renderNotices,
  runGates,
} from "@hxp/release-gates";
import { installWorkspace, type InstalledWorkspace } from "../../test/install-workspace.ts";
import { makeInput, rulesOf } from "../../test/make-input.ts";

let workspace: InstalledWorkspace;
beforeAll(async () => {
  workspace = await installWorkspace();
});
afterAll(async () => {
  await workspace[Symbol.asyncDispose]();
  await rm(workspace.folder, { recursive: true, force: true });
});

const packageOf = (name: string, folder: string): GatePackage => ({
  name,
  version: "1.0.0",
  folder,
  private: false,
  manifest: {},
  tarball: { path: "", integrity: "" },
});
const library = packageOf("@acme/library", "packages/library");
const application = packageOf("@acme/application", "packages/application");

function inputFor(packages: GatePackage[], policy: ReleasePolicyInput = {}): GateInput {
  const registry: GateInput["registry"] = (name, version) =>
    Promise.resolve(workspace.registry.find(name, version) as Awaited<ReturnType<GateInput["registry"]>>);
  return makeInput(workspace.folder, { packages, policy, registry });
}

async function judge(packages: GatePackage[], policy: ReleasePolicyInput = {}): Promise<GateResult> {
  const [result] = await runGates([licencesGate], inputFor(packages, policy));
  return result!;
}

/** Writes a licence text over an installed one until the test ends; the store's copy stays as it was. */
async function writeText(path: string, text: string): Promise<void> {
  const file = join(workspace.folder, path);
  const before = await readFile(file, "utf8");
  const replace = async (content: string): Promise<void> => {
    await rm(file);
    await writeFile(file, content);
  };
  onTestFinished(() => replace(before));
  await replace(text);
}

const textOf = (id: string): Promise<string> =>
  readFile(join(import.meta.dirname, `../../licence-texts/${id}.txt`), "utf8");
const ofPlain = "packages/library/node_modules/plain/LICENSE";
const ofSilent = "packages/application/node_modules/silent/LICENSE";

/** Everything that is wrong with the application, put right. */
const clarified: ReleasePolicyInput = {
  licences: {
    ownLicences: ["UNLICENSED"],
    clarifications: ["both@1.0.0", "native-elsewhere@1.0.0", "silent@1.0.0"].map((id) => ({
      package: id,
      licence: "MIT",
      reason: "Read in its repository",
    })),
  },
};

describe("licencesGate", () => {
  test("passes a closure of allowed licences and counts the package with it", async () => {
    const result = await judge([library]);
    expect(result).toMatchObject({ verdict: "passed", checked: 3, findings: [] });
    expect(result.inputs).toEqual([{ name: "pnpm-lock.yaml", digest: expect.stringMatching(/^sha256:/) }]);
  });

  test("finds copyleft behind an AND, in another platform's binary, in no licence, and in our own", async () => {
    const { verdict, findings } = await judge([application]);
    expect(verdict).toBe("failed");
    expect(findings.map(({ rule, where, package: name }) => [rule, where, name])).toEqual([
      ["licence-missing", "@acme/application@2.0.0 > silent@1.0.0", "@acme/application"],
      ["licence-refused", "@acme/application@2.0.0", "@acme/application"],
      ["licence-refused", "@acme/application@2.0.0 > choice@1.0.0 > both@1.0.0", "@acme/application"],
      ["licence-refused", "@acme/application@2.0.0 > native@1.0.0 > native-elsewhere@1.0.0", "@acme/application"],
    ]);
    expect(findings[2]!.message).toContain("does not allow GPL-3.0-only");
  });

  test("fails on a package that is neither installed nor known to the registry", async () => {
    const input = { ...inputFor([application], clarified), registry: () => Promise.resolve(undefined) };
    const [result] = await runGates([licencesGate], input);
    expect(result!.findings).toMatchObject([
      { rule: "licence-unknown", where: "@acme/application@2.0.0 > native@1.0.0 > native-nowhere@1.0.0" },
    ]);
  });

  test("does not take the registry's word for another version", async () => {
    const registry = () => Promise.resolve({ name: "native-nowhere", version: "9.9.9", license: "MIT" });
    const [result] = await runGates([licencesGate], { ...inputFor([application], clarified), registry });
    expect(rulesOf(result!)).toEqual(["licence-unknown"]);
  });

  test("takes a clarification for exactly one version, before what the package says", async () => {
    expect(await judge([application], clarified)).toMatchObject({ verdict: "passed", findings: [] });
    const other = { package: "silent@1.0.1", licence: "MIT", reason: "x" };
    const result = await judge([application], { licences: { clarifications: [other] } });
    expect(rulesOf(result)).toEqual(["clarification-unused", "licence-missing", "licence-refused"]);
  });

  test("needs every licence of a deprecated list, because nobody knows whether it meant a choice", async () => {
    const allow = ["MIT", "ISC", "BSD-3-Clause"].map((licence) => ({ licence, reason: "permissive" }));
    const result = await judge([application], { licences: { ...clarified.licences, allow } });
    expect(result.findings).toMatchObject([
      { rule: "licence-refused", message: expect.stringContaining("deprecated") },
    ]);
  });

  test("fails as a whole when the policy allows something that is no licence", async () => {
    const result = await judge([library], {
      licences: { allow: [{ licence: "MIT OR ISC", reason: "a mistake" }] },
    });
    expect(rulesOf(result)).toEqual(["gate-crashed"]);
    expect(result.reason).toContain('"MIT OR ISC"');
  });
});

describe("texts against manifests", () => {
  test("fails on a text that is under another licence than the manifest states", async () => {
    await writeText(ofPlain, await textOf("GPL-3.0"));
    const result = await judge([library]);
    expect(result.verdict).toBe("failed");
    expect(result.findings).toMatchObject([
      { rule: "licence-contradiction", dependency: "plain@1.0.0", severity: "error" },
    ]);
    expect(result.findings[0]!.message).toContain("states MIT, and its text (LICENSE) is GPL-3.0");
  });

  test("fails on a restriction that follows a licence", async () => {
    const clause =
      '\n"Commons Clause" License Condition v1.0\n\nThe License does not include the right to Sell the Software.\n';
    await writeText(ofPlain, `${await textOf("MIT")}${clause}`);
    expect(rulesOf(await judge([library]))).toEqual(["licence-restricted"]);
  });

  test("only warns where both licences are allowed", async () => {
    await writeText(ofPlain, await textOf("ISC"));
    const result = await judge([library]);
    expect(result).toMatchObject({ verdict: "passed", findings: [{ rule: "licence-differs", severity: "warning" }] });
  });

  test("takes a known text, whole, for the licence of a package that states none", async () => {
    await writeText(ofSilent, `Copyright (c) 2020 Somebody\n\n${await textOf("MIT")}`);
    const { facts } = await readReleaseLicences(inputFor([application]));
    expect(facts.get("silent@1.0.0")).toMatchObject({ source: "text", statement: { expression: "MIT" } });
    expect(rulesOf(await judge([application]))).not.toContain("licence-missing");
  });

  test("does not take a text that says more than a known licence", async () => {
    await writeText(ofSilent, `${await textOf("MIT")}\nNot on Sundays, and not for lawyers.\n`);
    expect(rulesOf(await judge([application]))).toContain("licence-missing");
  });

  test("leaves a text alone that a person has read", async () => {
    await writeText(ofPlain, await textOf("GPL-3.0"));
    const clarifications = [{ package: "plain@1.0.0", licence: "MIT", reason: "GPL is the text of its tests" }];
    expect(await judge([library], { licences: { clarifications } })).toMatchObject({ verdict: "passed", findings: [] });
  });
});

describe("exceptions and kinds", () => {
  const waiver = { gate: "licences", owner: "Legal <legal@example.com>", reason: "Bought a licence of both" };

  test("lets one version of a dependency pass for some days, and says who answers for it", async () => {
    const { clarifications } = clarified.licences!;
    const without = clarifications!.filter(({ package: id }) => id !== "both@1.0.0");
    const policy = (expires: string): ReleasePolicyInput => ({
      licences: { ...clarified.licences, clarifications: without },
      waivers: [{ ...waiver, rule: "licence-refused", dependency: "both@1.0.0", expires }],
    });
    const result = await judge([application], policy("2026-12-24"));
    expect(result.verdict).toBe("waived");
    const { packages } = result.details as LicencesDetails;
    expect(packages.find(({ id }) => id === "both@1.0.0")).toMatchObject({
      allowed: false,
      exception: { owner: waiver.owner, expires: "2026-12-24" },
    });
    const [expired, waivers] = await runGates([licencesGate], inputFor([application], policy("2026-11-22")));
    expect(expired).toMatchObject({ verdict: "failed", findings: [{ rule: "licence-refused" }] });
    expect(rulesOf(waivers!)).toEqual(["waiver-expired"]);
  });

  test("allows a licence for the kinds of packages that it is meant for", async () => {
    const allow = [
      { licence: "MIT", kinds: ["code" as const], reason: "permissive" },
      { licence: "ISC", kinds: ["data" as const], reason: "permissive" },
    ];
    const { findings } = await judge([library], { licences: { allow } });
    expect(findings).toMatchObject([{ rule: "licence-refused", dependency: "leaf@1.2.0" }]);
    expect(findings[0]!.message).toContain("does not allow ISC for code");
    const kinds = [{ package: "leaf", kind: "data" as const, reason: "a table" }];
    expect(await judge([library], { licences: { allow, kinds } })).toMatchObject({ verdict: "passed" });
  });
});

describe("details", () => {
  test("describe every package of the closure by the lockfile, platform binaries included, and each text once", async () => {
    const result = await judge([application, library], clarified);
    const { packages, texts } = result.details as LicencesDetails;
    const closure = await readProductionClosure(workspace.folder, "packages/application");
    expect(packages.map(({ id }) => id)).toEqual([closure.root, ...closure.components].map(({ id }) => id).toSorted());
    expect(result.checked).toBe(packages.length);
    const byId = new Map(packages.map((entry) => [entry.id, entry]));
    expect(byId.get("native-elsewhere@1.0.0")).toMatchObject({
      kind: "binary",
      optional: true,
      source: "clarification",
    });
    expect(byId.get("leaf@1.2.0")).toMatchObject({
      licence: "ISC",
      kind: "code",
      depth: 2,
      usedBy: ["@acme/application", "@acme/library"],
      allowed: true,
      paths: expect.arrayContaining([["@acme/library@1.0.0", "plain@1.0.0", "leaf@1.2.0"]]),
    });
    const { digest } = byId.get("leaf@1.2.0")!.texts[0]!;
    expect(texts[digest]).toBe("Licence text of leaf\n");
    expect(JSON.stringify(result.details)).not.toContain(workspace.folder);
  });
});

describe("readReleaseLicences", () => {
  test("says where each licence was read, and who made the package", async () => {
    const { facts } = await readReleaseLicences(inputFor([application]));
    const source = (id: string): string | undefined => facts.get(id)?.source;
    expect(["leaf@1.2.0", "native-elsewhere@1.0.0", "@acme/library@1.0.0"].map(source)).toEqual([
      "installed",
      "registry",
      "workspace",
    ]);
    expect(facts.get("leaf@1.2.0")!.contact).toEqual({
      name: "Lea F",
      email: "lea@example.com",
      url: "https://example.com/lea",
    });
  });
});

describe("renderNotices", () => {
  test("carries each third-party package with licence and text, and the same bytes each time", async () => {
    const render = async (): Promise<string> => {
      const { closures, facts } = await readReleaseLicences(inputFor([library]));
      return renderNotices(closures, facts);
    };
    const notices = await render();
    expect(await render()).toBe(notices);
    expect(notices).toContain("plain@1.0.0\n  Licence: MIT\n");
    expect(notices).toContain("\n\nplain@1.0.0\n\nLicence text of plain\n");
    expect(notices.indexOf("leaf@1.2.0")).toBeLessThan(notices.indexOf("plain@1.0.0"));
  });

  test("carries a text once for all the packages of a release that came with it", async () => {
    await writeText("packages/library/node_modules/plain/LICENSE", "Licence text of leaf\n");
    const { closures, facts } = await readReleaseLicences(inputFor([application, library]));
    const notices = renderNotices(closures, facts);
    expect(notices).toMatch(/^@acme\/application, @acme\/library are installed with/);
    expect(notices).toContain("leaf@1.2.0\nplain@1.0.0\n\nLicence text of leaf\n");
    expect(notices.split("Licence text of leaf")).toHaveLength(2);
    expect(notices.split("leaf@1.2.0\n  Licence: ISC")).toHaveLength(2);
  });

  test("does not follow a link in a package to a file of this machine", async () => {
    const secret = join(workspace.folder, "secret.txt");
    await writeFile(secret, "not for publication");
    await symlink(secret, join(workspace.folder, "packages/library/node_modules/plain/NOTICE"));
    const { closures, facts } = await readReleaseLicences(inputFor([library]));
    expect(renderNotices(closures, facts)).not.toContain("not for publication");
  });
});
