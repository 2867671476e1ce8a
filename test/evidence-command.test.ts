import { cpSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../packages/cli/test/support/make-world.ts";
import { serveInProcess, type InProcessServer } from "../tooling/release/test/support/in-process.ts";
import { makeTestRoot, type TestRoot, type TestWorkspace } from "../tooling/release/test/support/workspace.ts";

let root: TestRoot;
let workspace: TestWorkspace;
let registry: InProcessServer;
let [evidence, trust] = ["", ""];
beforeAll(async () => {
  root = makeTestRoot();
  workspace = root.workspace();
  const released = await workspace.release(["--json"]);
  if (released.exitCode !== 0) throw new Error(released.text);
  ({ evidence } = JSON.parse(released.stdout) as { evidence: string });
  trust = join(workspace.folder, ".hxp/trust/trusted_root.json");
  registry = await serveInProcess(workspace.folder);
});
afterAll(async () => {
  await registry?.[Symbol.asyncDispose]();
  root?.[Symbol.dispose]();
});

const verify = (...args: string[]) => run(["evidence", "verify", ...args]);
const asJson = (stdout: string) => JSON.parse(stdout) as Record<string, unknown>;

describe("hxp evidence verify", () => {
  test("says of a folder what is in it; exit code 0", async () => {
    const { exitCode, stdout } = await verify(evidence, "--trusted-root", trust);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining("All of it is as its evidence says.")]);
    for (const heading of ["release", "bytes", "commit", "builder", "rebuilt", "gates", "waivers", "signed by", "log"])
      expect(stdout).toMatch(new RegExp(`^${heading} `, "m"));
  });

  test("says of a package what the registry serves about it, by version and by tag", async () => {
    const flags = ["--registry", registry.url, "--trusted-root", trust, "--json"];
    for (const spec of ["@acme/left@1.0.1", "@acme/left@latest"]) {
      const { exitCode, stdout } = await verify(spec, ...flags);
      expect([exitCode, asJson(stdout)]).toEqual([
        0,
        expect.objectContaining({
          outcome: "verified",
          kind: "package",
          version: "1.0.1",
          results: ["PASSED"],
          commits: [workspace.git("rev-parse", "HEAD")],
          gates: { contents: "passed" },
          registry: { url: registry.url, signature: "by the key release" },
        }),
      ]);
    }
  });

  test("takes a package's statements from a folder, where the registry serves none", async () => {
    const flags = ["--registry", registry.url, "--evidence", evidence, "--trusted-root", trust];
    const { exitCode, stdout } = await verify("@acme/left@1.0.1", ...flags);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining("registry signature: not asked for")]);
  });

  test("says of a bundle which digests it is about, and loudly when no bytes were compared", async () => {
    const bundle = join(evidence, "packages/acme-left-1.0.1/provenance.sigstore.json");
    const alone = await verify(bundle, "--trusted-root", trust);
    expect([alone.exitCode, alone.stdout]).toEqual([0, expect.stringContaining("NO BYTES WERE COMPARED")]);
    const file = join(evidence, "tarballs/acme-left-1.0.1.tgz");
    const compared = await verify(bundle, "--file", file, "--trusted-root", trust, "--json");
    expect(asJson(compared.stdout)).toMatchObject({ outcome: "verified", kind: "bundle", file });
    const other = join(evidence, "tarballs/acme-right-1.0.1.tgz");
    expect(await verify(bundle, "--file", other, "--trusted-root", trust)).toMatchObject({ exitCode: 15 });
  });

  test("is exit code 15 for what is not so, with --json as one object", async () => {
    const copy = join(root.path, "tampered");
    cpSync(evidence, copy, { recursive: true });
    const [tarball = ""] = readdirSync(join(copy, "tarballs"));
    writeFileSync(join(copy, "tarballs", tarball), "other bytes");
    const { exitCode, stdout } = await verify(copy, "--trusted-root", trust, "--json");
    expect([exitCode, asJson(stdout)]).toEqual([15, expect.objectContaining({ outcome: "failed", exitCode: 15 })]);
    const empty = join(root.path, "empty");
    mkdirSync(empty);
    expect(await verify(empty, "--trusted-root", trust)).toMatchObject({ exitCode: 15 });
    expect(await verify(evidence, "--trusted-root", trust, "--key", "intern")).toMatchObject({ exitCode: 15 });
    const missing = await verify("@acme/left@9.9.9", "--registry", registry.url, "--trusted-root", trust);
    expect(missing).toMatchObject({ exitCode: 15 });
  });

  test.each([
    ["no trust root", () => [evidence], "Nothing says whose signatures to trust"],
    [
      "a trust root from the folder",
      () => [evidence, "--trusted-root", join(evidence, "trust")],
      "is from the folder that it is to prove",
    ],
    ["a package without a registry", () => ["@acme/left@1.0.1", "--trusted-root", trust], "no registry was named"],
    ["nothing that it knows", () => ["nothing", "--trusted-root", trust], "is no folder, no file"],
    ["a flag that does nothing", () => [evidence, "--file", "x", "--trusted-root", trust], "--file does nothing"],
    ["half an identity", () => [evidence, "--issuer", "https://a", "--trusted-root", trust], "go together"],
    ["a trust root that is not there", () => [evidence, "--trusted-root", "nowhere.json"], "cannot be read"],
  ])("is exit code 2 for %s", async (_what, args, why) => {
    const { exitCode, stdout, stderr } = await verify(...args());
    expect([exitCode, stdout, stderr]).toEqual([2, "", expect.stringContaining(why)]);
  });
});
