import { describe, expect, test } from "vitest";
import { makePackage } from "../../../test/make-tarball.ts";
import type { Bump } from "../api-change.ts";
import { largestBump } from "../bump.ts";
import { readPackedPackage } from "../packed-package.ts";
import { compareManifest } from "./compare-manifest.ts";

const base = { name: "it", version: "1.0.0", type: "module", exports: { ".": "./index.js" } };
const files = {
  "index.js": "",
  "index.cjs": "",
  "index.mjs": "",
  "browser.js": "",
  "features/a.js": "",
  "features/b.js": "",
  "cli.js": "",
};

function compare(before: object, after: object) {
  const pack = (manifest: object) => readPackedPackage(makePackage({ ...base, ...manifest }, files), "it");
  return compareManifest(pack(before), pack(after));
}

const both = { ".": { import: "./index.js", require: "./index.cjs" } };

describe("compareManifest", () => {
  test.each<[Bump, string, object, object]>([
    ["major", "a subpath removed", { exports: { ".": "./index.js", "./a": "./features/a.js" } }, {}],
    ["minor", "a subpath added", {}, { exports: { ".": "./index.js", "./a": "./features/a.js" } }],
    ["patch", "a subpath that leads to another file", {}, { exports: { ".": "./features/a.js" } }],
    [
      "patch",
      "an exports map without sugar",
      { exports: "./index.js" },
      { exports: { ".": { default: "./index.js" } } },
    ],
    [
      "patch",
      "subpaths spelled out",
      { exports: { ".": "./index.js", "./features/*": "./features/*.js" } },
      { exports: { ".": "./index.js", "./features/a": "./features/a.js", "./features/b": "./features/b.js" } },
    ],
    [
      "major",
      "a file less behind a pattern",
      { exports: { ".": "./index.js", "./features/*": "./features/*.js" } },
      { exports: { ".": "./index.js", "./features/*": "./features/*.js", "./features/b": null } },
    ],
    ["major", "require given up", { exports: both }, { exports: { ".": { import: "./index.js" } } }],
    ["minor", "require added", { exports: { ".": { import: "./index.js" } } }, { exports: both }],
    ["major", "require that gets an ES module", { exports: both }, { exports: { ".": "./index.js" } }],
    ["major", "import that gets a CommonJS module", {}, { exports: { ".": "./index.cjs" } }],
    ["patch", "import without condition", { exports: { ".": { import: "./index.js", require: "./index.js" } } }, {}],
    ["major", "a condition removed", { exports: { ".": { browser: "./browser.js", default: "./index.js" } } }, {}],
    ["minor", "a condition added", {}, { exports: { ".": { browser: "./browser.js", default: "./index.js" } } }],
    ["major", "an exports map where there was none", { exports: undefined, main: "index.js" }, {}],
    ["minor", "every file where there was an exports map of one", {}, { exports: { ".": "./index.js", "./*": "./*" } }],
    ["major", "another module type", { type: "commonjs" }, {}],
    ["major", "a program removed", { bin: { a: "cli.js", b: "cli.js" } }, { bin: { a: "cli.js" } }],
    ["patch", "a program named by its package", { bin: { it: "cli.js" } }, { bin: "./cli.js" }],
    ["minor", "a program added", {}, { bin: { a: "cli.js" } }],
    ["major", "a Node dropped", { engines: { node: ">=22" } }, { engines: { node: ">=24" } }],
    ["major", "a Node demanded", {}, { engines: { node: ">=22" } }],
    ["minor", "a Node more", { engines: { node: "^24" } }, { engines: { node: "^22 || ^24" } }],
    ["patch", "the same Nodes, written otherwise", { engines: { node: ">=22.0.0" } }, { engines: { node: ">=22" } }],
    ["major", "a platform less", { os: ["linux", "darwin"] }, { os: ["linux"] }],
    ["major", "a platform excluded", {}, { os: ["!win32"] }],
    ["minor", "any platform", { cpu: ["x64"] }, {}],
    ["patch", "platforms in another order", { os: ["linux", "darwin"] }, { os: ["darwin", "linux"] }],
    [
      "major",
      "a peer narrowed",
      { peerDependencies: { p: "^1.0.0 || ^2.0.0" } },
      { peerDependencies: { p: "^2.0.0" } },
    ],
    ["major", "a peer's floor raised", { peerDependencies: { p: "^1.0.0" } }, { peerDependencies: { p: "^1.1.0" } }],
    ["minor", "a peer widened", { peerDependencies: { p: "^1.0.0" } }, { peerDependencies: { p: "^1.0.0 || ^2.0.0" } }],
    ["major", "a peer demanded", {}, { peerDependencies: { p: "*" } }],
    ["minor", "a peer removed", { peerDependencies: { p: "*" } }, {}],
    [
      "minor",
      "an optional peer",
      {},
      { peerDependencies: { p: "*" }, peerDependenciesMeta: { p: { optional: true } } },
    ],
    [
      "major",
      "a peer that was optional",
      { peerDependencies: { p: "*" }, peerDependenciesMeta: { p: { optional: true } } },
      { peerDependencies: { p: "*" } },
    ],
    ["patch", "side effects", { sideEffects: true }, { sideEffects: false }],
    ["patch", "a dependency's new major", { dependencies: { d: "^1.0.0" } }, { dependencies: { d: "^2.0.0" } }],
    ["patch", "nothing but the version", { version: "1.0.0" }, { version: "1.0.1" }],
  ])("asks for a %s for %s", (least, _title, before, after) => {
    const changes = compare(before, after);
    expect({ least: largestBump(changes.map(({ bump }) => bump)), changes }).toMatchObject({ least });
  });

  test("says what a narrowed peer does to whom", () => {
    expect(compare({ peerDependencies: { p: "^1.0.0" } }, { peerDependencies: { p: "^1.1.0" } })).toEqual([
      {
        kind: "peer",
        where: "peerDependencies.p",
        change: "narrowed",
        before: "^1.0.0",
        after: "^1.1.0",
        bump: "major",
        reason: "Consumers whose p satisfies `^1.0.0` and not `^1.1.0` get an install error.",
      },
    ]);
  });
});
