import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openForger, withPredicate } from "./support/forge-evidence.ts";
import { expectFailure, expectSuccess } from "./support/tamper-template.ts";
import { makeTestRoot, type TestRoot, type TestWorkspace } from "./support/workspace.ts";
import { readTrust } from "@hxp/evidence";
import { verifyEvidenceFolder } from "@hxp/release";

let root: TestRoot;
let released: TestWorkspace;
let evidence: string;
beforeAll(async () => {
  root = makeTestRoot();
  released = root.workspace();
  expectSuccess(await released.release());
  released.change({ "@acme/left": "minor" });
  released.commit();
  const run = await released.release(["--json"]);
  expectSuccess(run);
  ({ evidence } = JSON.parse(run.stdout) as { evidence: string });
});
afterAll(() => root?.[Symbol.dispose]());

const files = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));

/** Changes one byte of a file, in its middle unless told otherwise. */
function flip(path: string, at = 0.5): void {
  const bytes = readFileSync(path);
  const index = Math.min(bytes.length - 1, Math.floor(bytes.length * at));
  bytes[index] = bytes[index]! ^ 1;
  writeFileSync(path, bytes);
}

/** Signs a statement of an evidence folder with changes in its predicate, and then the record that vouches for all files. */
async function signAgain(
  workspace: TestWorkspace,
  { folder, name, changes }: { folder: string; name: string; changes: object },
): Promise<void> {
  using forger = await openForger(workspace, folder);
  await forger.sign(`${name}.sigstore.json`, withPredicate(changes));
  await forger.vouch();
}

describe("an evidence folder", () => {
  test("verifies with no registry, by its trust root alone", async () => {
    const run = await released.release(["verify", evidence, "--trusted-root", `${released.folder}/.hxp/trust`]);
    expectSuccess(run);
    expect(run.stdout).toContain("All of it is as its evidence says.");
    expect(run.stdout).toContain("the release was promoted");
    expect(run.stdout).toMatch(/log +only grew, from \d+ to \d+ entries/);
  });

  test("is refused without a trust root to check it with", async () => {
    const elsewhere = root.workspace();
    expectFailure(await elsewhere.release(["verify", evidence]), { exitCode: 2, code: "USAGE_INVALID" });
  });

  test("is refused with the trust root of somebody else", async () => {
    const stranger = root.workspace();
    expectSuccess(await stranger.release(["keys"]));
    const run = await stranger.release(["verify", evidence]);
    expect(run.exitCode, run.text).toBe(15);
  });

  test("is refused, exit code 15, when one byte of any of its files is another", async () => {
    const trust = readTrust(join(released.folder, ".hxp/trust"));
    const verify = (folder: string) => verifyEvidenceFolder(folder, { trust, identity: { key: "release" } });
    const copy = released.copy();
    const folder = join(copy.folder, evidence.slice(released.folder.length + 1));
    expect(files(folder).length).toBeGreaterThan(20);
    verify(folder);
    for (const file of files(folder)) {
      const path = join(folder, file);
      const before = readFileSync(path);
      for (const at of [0, 0.3, 0.5, 0.9, 1]) {
        flip(path, at);
        expect(() => verify(folder), `${file} at ${at}`).toThrow(expect.objectContaining({ exitCode: 15 }));
        writeFileSync(path, before);
      }
    }
    verify(folder);
  });

  test("is refused when a file is missing, and when one is added", async () => {
    const trust = readTrust(join(released.folder, ".hxp/trust"));
    const verify = (folder: string) => verifyEvidenceFolder(folder, { trust, identity: { key: "release" } });
    const copy = released.copy();
    const folder = join(copy.folder, evidence.slice(released.folder.length + 1));
    // Without plan.json it is no evidence folder; a first release has no consistency proof.
    for (const file of files(folder).filter((path) => !["plan.json", "log/consistency.json"].includes(path))) {
      const path = join(folder, file);
      const before = readFileSync(path);
      rmSync(path);
      expect(() => verify(folder), file).toThrow(expect.objectContaining({ exitCode: 15 }));
      writeFileSync(path, before);
    }
    writeFileSync(join(folder, "gates/approved.txt"), "by the boss\n");
    expect(() => verify(folder)).toThrow(expect.objectContaining({ code: "VERIFICATION_FAILED" }));
  });

  test.each([
    ["a gate's result that says FAILED", "gates/contents", { result: "FAILED" }, "says FAILED"],
    [
      "a gate's result that the summaries do not rest on",
      "gates/contents",
      { passedTests: ["contents", "more"] },
      "rests on other statements",
    ],
    ["a smoke test that says FAILED", "smoke/smoke", { result: "FAILED" }, "says FAILED"],
    [
      "a summary of other gates",
      "packages/acme-left-1.1.0/verification-summary",
      { gates: { rebuild: "passed" } },
      "names other gates",
    ],
    [
      "a summary that says FAILED",
      "packages/acme-left-1.1.0/verification-summary",
      { verificationResult: "FAILED" },
      "does not say PASSED",
    ],
    [
      "a summary that rests on nothing",
      "packages/acme-left-1.1.0/verification-summary",
      { inputAttestations: [] },
      "rests on other statements",
    ],
  ])("is refused for %s, though the release key has signed all of it", async (_what, name, changes, why) => {
    const copy = released.copy();
    const folder = join(copy.folder, evidence.slice(released.folder.length + 1));
    const trust = readTrust(join(copy.folder, ".hxp/trust"));
    const verify = () => verifyEvidenceFolder(folder, { trust, identity: { key: "release" } });
    await signAgain(copy, { folder, name, changes: {} });
    verify();
    await signAgain(copy, { folder, name, changes });
    expect(verify).toThrow(expect.objectContaining({ code: "VERIFICATION_FAILED" }));
    expect(verify).toThrow(why);
  });

  const kinds = [
    "plan.json",
    "plan.sigstore.json",
    "tarballs/acme-left-1.1.0.tgz",
    "packages/acme-left-1.1.0/sbom.cdx.json",
    "gates/contents.json",
    "record.sigstore.json",
    "journal.jsonl",
    "log/checkpoint",
    "README.md",
  ];

  test("is refused by the command as well, with the file's name", { timeout: 120_000 }, async () => {
    const copy = released.copy();
    const folder = join(copy.folder, evidence.slice(released.folder.length + 1));
    for (const file of kinds) {
      const before = readFileSync(join(folder, file));
      expect(existsSync(join(folder, file))).toBe(true);
      flip(join(folder, file));
      const run = await copy.release(["verify", folder]);
      expect(run.exitCode, `${file}\n${run.text}`).toBe(15);
      expect(run.stderr).toMatch(/^[A-Z_]+: /m);
      writeFileSync(join(folder, file), before);
    }
  });
});

describe("a package on the registry", () => {
  test("verifies by version and by tag: bytes, registry signature, provenance and summary", async () => {
    const run = await released.release(["verify", "@acme/left@latest", "--json"]);
    expectSuccess(run);
    const { version, verified } = JSON.parse(run.stdout) as { version: string; verified: { what: string }[] };
    expect(version).toBe("1.1.0");
    expect(verified.map(({ what }) => what)).toEqual([
      "registry signature",
      "https://slsa.dev/provenance/v1",
      "https://cyclonedx.org/bom",
      "https://slsa.dev/verification_summary/v1",
    ]);
  });

  test("is refused when the registry's copy has other bytes", async () => {
    const copy = released.copy();
    flip(join(copy.folder, ".hxp/registry/packages/@acme/left/left-1.1.0.tgz"));
    expectFailure(await copy.release(["verify", "@acme/left@1.1.0"]), { exitCode: 15, code: "VERIFICATION_FAILED" });
  });

  test("is refused when it does not exist, or is no package at all", async () => {
    expectFailure(await released.release(["verify", "@acme/core@9.9.9"]), {
      exitCode: 15,
      code: "VERIFICATION_FAILED",
    });
    expectFailure(await released.release(["verify", "nothing"]), { exitCode: 2, code: "USAGE_INVALID" });
  });
});

describe("the command line", () => {
  const commands = [[], ["plan"], ["publish"], ["verify"], ["status"], ["rollback"], ["serve"], ["watch"], ["keys"]];

  test("explains each command with --help", { timeout: 120_000 }, async () => {
    const runs = [...commands, ["keys", "rotate"]].map(async (command) => {
      const run = await released.release([...command, "--help"]);
      expectSuccess(run);
      expect(run.stdout).toMatch(new RegExp(`^Usage: ${["release", ...command].join(" ")}`));
      expect(run.stdout).toContain("--cwd <workspace>");
      expect(run.stderr).toBe("");
    });
    await Promise.all(runs);
  });

  test.each([
    ["an option that it does not know", ["--chanel", "next"]],
    ["an option that the command does not know", ["status", "--reason", "x"]],
    ["a command that it does not know", ["releese"]],
    ["an option that stands before the command it is meant for", ["--to", "company", "rollback", "--reason", "x"]],
    ["a time that is none", ["watch", "--interval", "often"]],
    ["a registry that the configuration does not know", ["status", "--to", "nowhere"]],
    ["nothing to publish", ["publish"]],
  ])("refuses %s with exit code 2", async (_what, args) => {
    const run = await released.release(args);
    expect(run.exitCode, run.text).toBe(2);
    expect(run.stdout).not.toContain("Released");
    expect(run.stderr).not.toBe("");
  });

  test.each([[[]], [["plan"]], [["status"]], [["watch"]], [["keys"]], [["rollback", "--reason", "", "feed"]]])(
    "writes nothing but JSON to standard output with --json: %j",
    async (args) => {
      const copy = released.copy();
      const run = await copy.release([...args, "--json"]);
      expect(JSON.parse(run.stdout), run.text).toBeTypeOf("object");
      if (run.exitCode !== 0)
        expect(JSON.parse(run.stdout)).toMatchObject({ outcome: "failed", exitCode: run.exitCode });
    },
  );
});
