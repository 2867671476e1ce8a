import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isBlocking } from "@hxp/release-gates";
import { judge, judgePackages, packageIn, patch, release, type State } from "../../test/api/release-state.ts";
import { writeFiles } from "../../test/install-workspace.ts";
import { historyOf, rulesOf } from "../../test/make-input.ts";
import { temporaryFolder } from "../../test/temporary-folder.ts";

const schema = (properties: object): Record<string, string> => ({
  "schema.json": JSON.stringify({
    $schema: "http://json-schema.org/draft-07/schema#",
    type: "object",
    properties,
    additionalProperties: false,
  }),
});

describe("apiGate", () => {
  test("passes a release that is what it was, and says how much it looked at", async () => {
    const result = await judge(patch({}, {}));
    expect(result).toMatchObject({ verdict: "passed", findings: [] });
    expect(packageIn(result)).toEqual({
      name: "it",
      from: "1.0.0",
      to: "1.0.1",
      declared: "patch",
      least: "patch",
      changes: [],
      surface: { subpaths: 1, bins: 0, schemaKeys: 0, commands: 0, declarationFiles: 1 },
      unknown: [],
    });
    expect(result.checked).toBe(2);
    expect(result.inputs).toEqual([{ name: "it@1.0.1 tarball", digest: expect.stringMatching(/^sha512:/) }]);
  });

  test.each<[string, string, [State, State]]>([
    [
      "a breaking declaration",
      "bump-too-small-declarations",
      patch({}, { files: { "index.d.ts": "export declare const b: 1;\n" } }),
    ],
    [
      "a narrowed peer",
      "bump-too-small-peer",
      patch({ manifest: { peerDependencies: { p: "^1.0.0" } } }, { manifest: { peerDependencies: { p: "^1.2.0" } } }),
    ],
    ["a dropped Node", "bump-too-small-engines", patch({}, { manifest: { engines: { node: ">=24" } } })],
    [
      "a removed key",
      "bump-too-small-schema",
      patch({ files: schema({ a: {}, b: {} }) }, { files: schema({ a: {} }) }),
    ],
    ["a removed entry", "bump-too-small-exports", patch({}, { manifest: { exports: { "./other": "./index.js" } } })],
    ["a removed program", "bump-too-small-bin", patch({ manifest: { bin: "./index.js" } }, {})],
    ["a platform less", "bump-too-small-platform", patch({}, { manifest: { os: ["linux"] } })],
  ])("stops %s that is called a patch", async (_title, rule, states) => {
    const result = await judge(states);
    expect(rulesOf(result)).toContain(rule);
    expect(isBlocking(result)).toBe(true);
    const major = await judge([states[0], { ...states[1], version: "2.0.0" }]);
    expect(major).toMatchObject({ verdict: "passed", findings: [] });
  });

  test("says what changed, why it matters, and which changeset to write", async () => {
    const result = await judge(patch({}, { files: { "index.d.ts": "export declare const b: 1;\n" } }));
    expect(result.findings).toEqual([
      {
        gate: "api",
        rule: "bump-too-small-declarations",
        package: "it",
        where: "a, b",
        message:
          "1.0.0 → 1.0.1 is a patch and must be a major: a: Imports of the name stop compiling. Before: a: 1. b: A new export. After: b: 1.",
        why: "Whoever takes every update that the version promises to be safe gets a package that breaks what they wrote.",
        fix: 'Run `pnpm changeset` and choose major for it, or take the change back. The changeset:\n---\n"it": major\n---\n\n<what consumers see, and what they do about it>',
        severity: "error",
      },
    ]);
  });

  test("lets a minor break before 1.0.0, and a patch not", async () => {
    const files = { "index.d.ts": "export declare const b: 1;\n" };
    const minor = await judge([{ version: "0.1.0" }, { version: "0.2.0", files }]);
    expect(minor.verdict).toBe("passed");
    const small = await judge([{ version: "0.1.0" }, { version: "0.1.1", files }]);
    expect(packageIn(small)).toMatchObject({ declared: "patch", least: "minor" });
    expect(small.verdict).toBe("failed");
    const added = { "index.d.ts": "export declare const a: 1; export declare const b: 1;\n" };
    expect((await judge([{ version: "0.1.0" }, { version: "0.1.1", files: added }])).verdict).toBe("passed");
  });

  test("reads the surface of a first release, and has nothing to object to", async () => {
    const result = await judge([undefined, { version: "1.0.0", files: schema({ a: {} }) }]);
    expect(result.verdict).toBe("passed");
    expect(packageIn(result)).toMatchObject({ declared: "first", least: "first", changes: [] });
    expect(packageIn(result).surface).toMatchObject({ subpaths: 1, exportedNames: 1, schemaKeys: 1 });
    expect(packageIn(result)).not.toHaveProperty("from");
  });

  test("does not pass when a tarball cannot be read, nor when there is no package", async () => {
    const folder = await temporaryFolder();
    const item = await release(folder, "it", patch({}, {}));
    await rm(item.previous!.tarball);
    const result = await judgePackages(folder, [item]);
    expect(rulesOf(result)).toEqual(["nothing-checked", "tarball-invalid"]);
    expect(rulesOf(await judgePackages(folder, []))).toEqual(["nothing-checked"]);
  });
});

describe("declarations that a plain import does not show", () => {
  const dual = {
    manifest: {
      exports: {
        ".": {
          import: { types: "./index.d.ts", default: "./index.js" },
          require: { types: "./index.d.cts", default: "./index.cjs" },
        },
      },
    },
  };
  const filesOf = (text: string): Record<string, string> => ({ "index.cjs": "", "index.d.cts": text });

  test("those that require gets, where they are others", async () => {
    const states = patch(
      { ...dual, files: filesOf("export declare const a: 1, b: 1;") },
      { ...dual, files: filesOf("export declare const a: 1;") },
    );
    expect(packageIn(await judge(states)).changes).toMatchObject([
      { where: "(require): b", change: "removed", bump: "major" },
    ]);
  });

  test("those that a package adds to the language or to another package", async () => {
    const declare = (text: string): Omit<State, "version"> => ({
      files: { "index.d.ts": `declare global { ${text} } export {};` },
    });
    const rules = async (before: string, after: string): Promise<string[]> =>
      packageIn(await judge(patch(declare(before), declare(after)))).changes.map(
        ({ where, bump }) => `${where} ${bump}`,
      );
    expect(await rules("var a: 1;", "var a: 2;")).toEqual(["declare global major"]);
    expect(await rules("var a: 1;", "/* other */ var a : 1;")).toEqual([]);
  });

  test("those that no entry leads to: what the entry exports is said to be unknown", async () => {
    const manifest = { exports: "./other.js" };
    const result = await judge(
      patch(
        { manifest, files: { "other.js": "" } },
        { manifest, files: { "other.js": "", "index.d.ts": "export declare const b: 1;" } },
      ),
    );
    expect(result.findings).toMatchObject(
      ["it of the last release", "it of this release"].map((side) => ({
        rule: "types-unresolved",
        where: ".",
        severity: "error",
        message: expect.stringContaining(side),
      })),
    );
  });
});

describe("the release that is compared with", () => {
  test("is the last full one, when the last one was a prerelease", async () => {
    const folder = await temporaryFolder();
    const item = await release(folder, "it", [{ version: "2.0.0-beta.0" }, { version: "2.0.0-beta.1" }]);
    const files = { "index.d.ts": "export declare const a: 1; export declare const gone: 1;\n" };
    const { previous } = await release(join(folder, "old"), "it", [{ version: "1.4.0", files }, { version: "1.4.1" }]);
    const history = historyOf([item.previous!, previous!]);
    const result = await judgePackages(folder, [item], { history });
    expect(packageIn(result)).toMatchObject({ from: "1.4.0", declared: "major", least: "major" });
    expect(result.verdict).toBe("passed");
  });

  test("is that of the old line for a patch of the old line", async () => {
    const folder = await temporaryFolder();
    const item = await release(folder, "it", [{ version: "2.0.0" }, { version: "1.4.1" }]);
    const { previous } = await release(join(folder, "old"), "it", [{ version: "1.4.0" }, { version: "1.4.1" }]);
    const newer = Array.from({ length: 60 }, (_item, index) => ({ ...item.previous!, version: `2.0.${60 - index}` }));
    const history = historyOf([...newer, item.previous!, previous!]);
    const result = await judgePackages(folder, [item], { history });
    expect(packageIn(result)).toMatchObject({ from: "1.4.0", declared: "patch", least: "patch" });
  });

  test("is none where only prereleases were before", async () => {
    const result = await judge([{ version: "1.0.0-beta.0" }, { version: "1.0.0" }]);
    expect(packageIn(result)).toMatchObject({ declared: "first", least: "first" });
  });
});

describe("types of other packages", () => {
  const uses = { "index.d.ts": 'import type { T } from "other"; export declare function f(t: T): void;\n' };
  const needs = (range: string): object => ({ dependencies: { other: range } });
  const declare = (text: string): Record<string, string> => ({ "index.d.ts": text });

  test("a change in a package of the release is reported there, not again by those that use it", async () => {
    const folder = await temporaryFolder();
    const [one, two] = [
      { files: uses, manifest: needs("^1.0.0") },
      {
        files: { ...uses, "index.d.ts": `${uses["index.d.ts"]}export declare const n: 1;` },
        manifest: needs("^1.0.1"),
      },
    ];
    const it = await release(folder, "it", [
      { version: "1.0.0", ...one },
      { version: "1.1.0", ...two },
    ]);
    const other = await release(folder, "other", [
      { version: "1.0.0", files: declare("export interface T { a: string }") },
      { version: "1.0.1", files: declare("export interface T { a: string; b: string }") },
    ]);
    const result = await judgePackages(folder, [it, other]);
    expect(packageIn(result, "other").least).toBe("major");
    expect(packageIn(result, "it").least).toBe("minor");
    expect(packageIn(result, "it").unknown).toEqual([]);
  });

  test("a break that a package forces upon its consumers by its range is its own", async () => {
    const folder = await temporaryFolder();
    const it = await release(folder, "it", [
      { version: "1.0.0", files: uses, manifest: needs("^1.0.0") },
      { version: "1.1.0", files: uses, manifest: needs("^2.0.0") },
    ]);
    const other = await release(folder, "other", [
      { version: "1.0.0", files: declare("export interface T { a: string }") },
      { version: "2.0.0", files: declare("export interface T { a: string; b: string }") },
    ]);
    const result = await judgePackages(folder, [it, other]);
    expect(packageIn(result, "it").changes).toMatchObject([{ kind: "declarations", where: "T.b", bump: "major" }]);
    expect(packageIn(result, "other").least).toBe("major");
    expect(rulesOf(result)).toEqual(["bump-too-small-declarations"]);
  });

  test("a dependency's new major breaks those whose declarations have its types", async () => {
    const result = await judge(
      patch({ files: uses, manifest: needs("^1.0.0") }, { files: uses, manifest: needs("^2.0.0") }),
    );
    expect(rulesOf(result)).toContain("bump-too-small-dependency");
  });

  test("an installed dependency is read where it is installed", async () => {
    const folder = await temporaryFolder();
    const types = {
      "index.d.ts": "export interface T { a: string }\n",
      "package.json": { name: "other", version: "1.0.0", types: "index.d.ts" },
    };
    await writeFiles(join(folder, "it/node_modules/other"), types);
    const after = { "index.d.ts": 'import type { T } from "other"; export declare function f(t: Partial<T>): void;\n' };
    const it = await release(
      folder,
      "it",
      patch({ files: uses, manifest: needs("^1.0.0") }, { files: after, manifest: needs("^1.0.0") }),
    );
    const result = await judgePackages(folder, [it]);
    expect(packageIn(result)).toMatchObject({ least: "minor", unknown: [] });
  });
});
