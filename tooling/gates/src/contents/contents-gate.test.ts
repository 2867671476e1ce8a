import { mkdir } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { contentsGate, type GatePackage, type GateResult, type ReleasePolicyInput, runGates } from "@hxp/release-gates";
import { writeFiles } from "../../test/install-workspace.ts";
import { makeInput, rulesOf, writePackage } from "../../test/make-input.ts";
import { integrityOf, makePackage, makeRawTarball, soundFiles, soundManifest } from "../../test/make-tarball.ts";
import { temporaryFolder } from "../../test/temporary-folder.ts";

type Files = Record<string, string | Buffer | undefined>;

interface Change {
  manifest?: object;
  /** Added to the sound files; undefined takes one away. */
  files?: Files;
  policy?: ReleasePolicyInput;
}

async function judgeTarball(
  tarball: Buffer,
  facts: Partial<GatePackage> = {},
  policy: ReleasePolicyInput = {},
): Promise<GateResult> {
  const folder = await temporaryFolder();
  const item = await writePackage(folder, tarball, facts);
  const [result] = await runGates([contentsGate], makeInput(folder, { packages: [item], policy }));
  return result!;
}

async function judge({ manifest = {}, files = {}, policy = {} }: Change = {}): Promise<GateResult> {
  return judgeTarball(makePackage({ ...soundManifest, ...manifest }, withFiles(files)), {}, policy);
}

function withFiles(changes: Files): Record<string, string | Buffer> {
  const merged = Object.entries({ ...soundFiles, ...changes });
  return Object.fromEntries(merged.flatMap(([path, content]) => (content === undefined ? [] : [[path, content]])));
}

describe("contentsGate", () => {
  test("passes a sound package and names the bytes that it looked at", async () => {
    const result = await judge();
    expect(result.findings).toEqual([]);
    expect(result).toMatchObject({ verdict: "passed", checked: 5 });
    expect(result.inputs).toEqual([
      { name: "@acme/sound@1.0.0 tarball", digest: expect.stringMatching(/^sha512:[0-9a-f]{128}$/) },
    ]);
  });

  test("passes what pnpm packs, and sees what pnpm would have left in", async () => {
    const folder = await temporaryFolder();
    const dependencies = { "@acme/other": "workspace:^" };
    await writeFiles(folder, {
      ...soundFiles,
      "package.json": { ...soundManifest, dependencies, scripts: { prepare: "node --version" } },
      "pnpm-workspace.yaml": "packages: [., other]\npmOnFail: ignore\n",
      "other/package.json": { name: "@acme/other", version: "1.3.0" },
      "secret.txt": "not packed",
    });
    await mkdir(join(folder, "out"));
    await execa("pnpm", ["install", "--ignore-scripts"], { cwd: folder });
    await execa("pnpm", ["pack", "--pack-destination", "out"], { cwd: folder });
    const result = await judgeTarball(readFileSync(join(folder, "out", "acme-sound-1.0.0.tgz")));
    expect(rulesOf(result)).toEqual([]);
  });

  test.each<[string, string, Change]>([
    ["a file that nothing names", "file-unexpected", { files: { "notes.txt": "x" } }],
    [
      "a file that `files` takes back",
      "file-unexpected",
      { manifest: { files: ["dist", "!dist/x.js"] }, files: { "dist/x.js": "" } },
    ],
    ["a test inside an allowed folder", "file-denied", { files: { "dist/index.test.js": "x" } }],
    [
      "an environment file, whatever names it",
      "file-denied",
      { manifest: { files: ["dist", ".env"] }, files: { ".env": "A=1" } },
    ],
    ["an npmrc deep inside", "file-denied", { files: { "dist/a/.npmrc": "" } }],
    ["a workspace: dependency", "local-dependency", { manifest: { dependencies: { a: "workspace:^1.0.0" } } }],
    ["a catalog: peer", "local-dependency", { manifest: { peerDependencies: { a: "catalog:" } } }],
    ["a link: dependency", "local-dependency", { manifest: { optionalDependencies: { a: "link:../a" } } }],
    ["a file: development dependency", "local-dependency", { manifest: { devDependencies: { a: "file:../a" } } }],
    ["a postinstall script", "lifecycle-script", { manifest: { scripts: { postinstall: "node x.js" } } }],
    ["a prepare script", "lifecycle-script", { manifest: { scripts: { prepare: "true" } } }],
    [
      "a binding.gyp, which npm builds unasked",
      "lifecycle-script",
      { manifest: { files: ["dist", "binding.gyp"] }, files: { "binding.gyp": "{}" } },
    ],
    ["no README", "required-readme", { files: { "README.md": undefined } }],
    ["an empty README", "required-readme", { files: { "README.md": "" } }],
    ["no licence text", "required-licence", { files: { LICENSE: undefined } }],
    ["no repository", "required-repository", { manifest: { repository: undefined } }],
    ["no engines", "required-engines", { manifest: { engines: undefined } }],
    ["no exports", "required-exports", { manifest: { exports: undefined, main: "dist/index.js" } }],
    [
      "no types",
      "required-types",
      { manifest: { exports: "./dist/index.js" }, files: { "dist/index.d.ts": undefined } },
    ],
    ["another version than the release's", "identity-differs", { manifest: { version: "1.0.1" } }],
    [
      "an export of a file that is not there",
      "publint-file-does-not-exist",
      { manifest: { exports: { ".": { types: "./dist/index.d.ts", default: "./dist/gone.js" } } } },
    ],
    [
      "types that come after the default condition",
      "publint-exports-types-should-be-first",
      { manifest: { exports: { ".": { default: "./dist/index.js", types: "./dist/index.d.ts" } } } },
    ],
    ["a manifest whose dependencies are a list", "manifest-invalid", { manifest: { dependencies: ["a"] } }],
    ["too many bytes unpacked", "size-limit", { policy: { contents: { maxUnpackedBytes: 100 } } }],
    ["too many bytes packed", "size-limit", { policy: { contents: { maxPackedBytes: 100 } } }],
    ["too many files", "size-limit", { policy: { contents: { maxFiles: 4 } } }],
    ["a private key", "secret", { files: { "dist/x.js": `k = "-----BEGIN PRIVATE KEY-----\\n${"aB3+".repeat(16)}"` } }],
  ])("fails on %s", async (_title, rule, change) => {
    const result = await judge(change);
    expect(result.verdict).toBe("failed");
    const errors = result.findings.filter(({ severity }) => severity === "error");
    expect(errors.map((finding) => finding.rule)).toContain(rule);
    expect(errors.every(({ package: name }) => name === "@acme/sound")).toBe(true);
  });

  test.each<[string, Change]>([
    ["a changelog and a notice", { files: { "CHANGELOG.md": "x", NOTICE: "x" } }],
    [
      "a file that only an export names",
      {
        manifest: { files: [], exports: { ".": soundManifest.exports["."], "./data.json": "./data.json" } },
        files: { "data.json": "{}" },
      },
    ],
    [
      "a package with nothing but a bin",
      {
        manifest: { exports: undefined, bin: { run: "./dist/index.js" } },
        files: { "dist/index.js": "#!/usr/bin/env node\n", "dist/index.d.ts": undefined },
      },
    ],
    ["an alias of a registry package", { manifest: { dependencies: { a: "npm:b@^1.0.0" } } }],
    ["scripts that only run at the author's", { manifest: { scripts: { build: "tsup", test: "vitest" } } }],
    [
      "less than required, where the policy says so",
      { manifest: { engines: undefined }, policy: { contents: { required: ["readme"] } } },
    ],
  ])("passes %s", async (_title, change) => {
    const result = await judge(change);
    expect(result.findings.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(result.verdict).toBe("passed");
  });

  test("judges the types of a CommonJS package by what CommonJS consumers get", async () => {
    const types = { types: "./dist/index.d.ts", default: "./dist/index.cjs" };
    const manifest = { type: "commonjs", exports: { ".": { require: types, default: types } } };
    const files = { "dist/index.js": undefined, "dist/index.cjs": "exports.answer = 42;\n" };
    expect(rulesOf(await judge({ manifest, files }))).toEqual([]);
    const lying = { ...files, "dist/index.cjs": undefined, "dist/index.mjs": "export const answer = 42;\n" };
    const mixed = { types: "./dist/index.d.ts", default: "./dist/index.mjs" };
    const result = await judge({
      manifest: { ...manifest, exports: { ".": { require: mixed, default: mixed } } },
      files: lying,
    });
    expect(rulesOf(result)).toContain("types-false-cjs");
  });

  test("does not ask of an ES module what only CommonJS could answer, unless the policy does", async () => {
    expect(rulesOf(await judge({ policy: { contents: { typesProfile: "esm-only" } } }))).toEqual([]);
    expect(rulesOf(await judge({ policy: { contents: { typesProfile: "strict" } } }))).toEqual([
      "types-cjs-resolves-to-esm",
      "types-no-resolution",
    ]);
  });

  test.each([
    ["archive-path", { path: "package/../../x" }],
    ["archive-link", { path: "package/dist/x", type: "2", target: "/etc/passwd" }],
    ["archive-special", { path: "package/dist/x", type: "3" }],
    ["archive-duplicate", { path: "package/package.json", content: "{}" }],
  ])("fails on %s in the archive itself", async (rule, entry) => {
    const files = { "package.json": JSON.stringify(soundManifest), ...soundFiles };
    const entries = Object.entries(files).map(([path, content]) => ({ path: `package/${path}`, content }));
    const result = await judgeTarball(makeRawTarball([...entries, entry]));
    expect(result.verdict).toBe("failed");
    expect(rulesOf(result)).toEqual([rule]);
  });

  test("fails when the bytes are not those of the plan", async () => {
    const integrity = integrityOf(Buffer.from("another"));
    const folder = await temporaryFolder();
    const item = await writePackage(folder, makePackage(soundManifest, soundFiles));
    const tampered = { ...item, tarball: { ...item.tarball, integrity } };
    const [result] = await runGates([contentsGate], makeInput(folder, { packages: [item, tampered] }));
    expect(result!.findings).toMatchObject([{ rule: "tarball-invalid", severity: "error" }]);
    expect(result!.checked).toBe(5);
  });

  test("fails when no package is given, and when the only tarball is gone", async () => {
    const folder = await temporaryFolder();
    const [nothing] = await runGates([contentsGate], makeInput(folder));
    expect(rulesOf(nothing!)).toEqual(["nothing-checked"]);
    const item = await writePackage(folder, makePackage(soundManifest, soundFiles));
    const gone = { ...item, tarball: { ...item.tarball, path: join(folder, "gone.tgz") } };
    const [result] = await runGates([contentsGate], makeInput(folder, { packages: [gone] }));
    expect(result!.verdict).toBe("failed");
  });
});

describe("size against the last release", () => {
  const sized = (bytes: number): Buffer =>
    makePackage(soundManifest, { ...soundFiles, "dist/data.js": `// ${"x".repeat(77)}\n`.repeat(bytes / 80) });

  async function compare(before: number, after: number, growth: object = {}): Promise<string[]> {
    const folder = await temporaryFolder();
    const last = await writePackage(join(folder, "last"), sized(before));
    const previous = { version: "0.9.0", tarball: last.tarball.path };
    const item = await writePackage(folder, sized(after), { previous });
    const [result] = await runGates(
      [contentsGate],
      makeInput(folder, { packages: [item], policy: { contents: { growth } } }),
    );
    return rulesOf(result!);
  }

  test("fails on a jump by more than the factor", async () => {
    expect(await compare(100_000, 160_000)).toEqual(["size-growth"]);
    expect(await compare(100_000, 145_000)).toEqual([]);
  });

  test("lets a small package grow by a few bytes, whatever the factor", async () => {
    expect(await compare(100, 20_000)).toEqual([]);
    expect(await compare(100, 20_000, { ignoreBytes: 10_000 })).toEqual(["size-growth"]);
  });

  test("fails on absolute growth, whatever the factor", async () => {
    expect(await compare(100_000, 120_000, { maxBytes: 10_000 })).toEqual(["size-growth"]);
  });
});
