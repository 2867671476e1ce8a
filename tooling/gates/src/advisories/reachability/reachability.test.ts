import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  advisoriesGate,
  type AdvisoriesDetails,
  type AdvisoryMatch,
  type GateResult,
  runGates,
} from "@hxp/release-gates";
import { makeAdvisory } from "../../../test/make-advisory.ts";
import {
  lockfileWithDirectLeaf,
  makeVulnerableWorkspace,
  type VulnerableParts,
} from "../../../test/make-vulnerable-workspace.ts";
import { readImports } from "./read-imports.ts";

const vulnerable = makeAdvisory({ id: "GHSA-1" });

async function judge(parts: VulnerableParts): Promise<GateResult> {
  const [result] = await runGates(
    [advisoriesGate],
    await makeVulnerableWorkspace({ advisories: [vulnerable], ...parts }),
  );
  return result!;
}

async function reach(parts: VulnerableParts): Promise<Pick<AdvisoryMatch, "reachable" | "why">> {
  const { reachable, why } = ((await judge(parts)).details as AdvisoriesDetails).matches[0]!;
  return { reachable, why: why! };
}

describe("whether code leads to a vulnerable package", () => {
  test.each([
    ["import x from 'middle';", "yes", "middle@1.0.0/index.js imports leaf"],
    ["export * from 'middle/sub';", "yes", "middle@1.0.0/index.js imports leaf"],
    ["const x = await import(`middle`);", "yes", "middle@1.0.0/index.js imports leaf"],
    ["const x = require('middle');", "yes", "middle@1.0.0/index.js imports leaf"],
    ["export const x = 1;", "no", "nothing in @acme/app@1.0.0 imports middle"],
    ["// import 'middle'", "no", "nothing in @acme/app@1.0.0 imports middle"],
    ["import(process.argv[2]);", "unknown", "in @acme/app@1.0.0, index.js has a computed `import()`"],
    ["require(name);", "unknown", "in @acme/app@1.0.0, index.js has a computed `require`"],
    ["load(require);", "unknown", "in @acme/app@1.0.0, index.js has `require` as a value"],
    ["module.require(name);", "unknown", "in @acme/app@1.0.0, index.js has `require` of another module"],
    [
      "import { createRequire } from 'node:module';",
      "unknown",
      "in @acme/app@1.0.0, index.js has `node:module`, which can load anything",
    ],
    [
      "import { createRequire as c } from 'module';",
      "unknown",
      "in @acme/app@1.0.0, index.js has `module`, which can load anything",
    ],
    [
      "const { spawn } = require('child_process');",
      "unknown",
      "in @acme/app@1.0.0, index.js has `child_process`, which can load anything",
    ],
    ["process.getBuiltinModule(name);", "unknown", "in @acme/app@1.0.0, index.js has `require` of another module"],
    ["eval(text);", "unknown", "in @acme/app@1.0.0, index.js has code made of text"],
    ["new Function(text);", "unknown", "in @acme/app@1.0.0, index.js has code made of text"],
    ["load(['middle']);", "unknown", 'in @acme/app@1.0.0, index.js has the text "middle"'],
    ["this is no code", "unknown", expect.stringContaining("index.js cannot be parsed")],
  ])("by %j: %s", async (app, reachable, why) => {
    expect(await reach({ code: { app } })).toEqual({ reachable, why });
  });

  test("is no where the first package is imported and does not import the second", async () => {
    expect(await reach({ code: { middle: "module.exports = 1;\n" } })).toEqual({
      reachable: "no",
      why: "nothing in middle@1.0.0 imports leaf",
    });
  });

  test("is unknown where the code between is not installed", async () => {
    const files = { "app/node_modules/middle/package.json": { name: "middle", version: "9.0.0" } };
    expect(await reach({ files })).toEqual({ reachable: "unknown", why: "the code of middle@1.0.0 is not here" });
  });

  test("is unknown where a package brings a program, which needs no import", async () => {
    const files = { "app/node_modules/leaf/package.json": { name: "leaf", version: "1.2.0", bin: "cli.js" } };
    expect(await reach({ files, code: { middle: "" } })).toEqual({
      reachable: "unknown",
      why: "in middle@1.0.0, leaf brings a program, which can be started",
    });
  });

  test("is unknown where a manifest or JSON file names it beside the dependencies", async () => {
    const named = { name: "middle", version: "1.0.0", dependencies: { leaf: "1.2.0" }, imports: { "#leaf": "leaf" } };
    const files = { "app/node_modules/middle/package.json": named };
    expect(await reach({ files, code: { middle: "import '#leaf';" } })).toMatchObject({ reachable: "unknown" });
    const plugins = { "app/node_modules/middle/plugins.json": { use: ["leaf"] } };
    expect(await reach({ files: plugins, code: { middle: "" } })).toMatchObject({ reachable: "unknown" });
  });

  test("is yes by one way, though another is provably none", async () => {
    const parts = { files: { "pnpm-lock.yaml": lockfileWithDirectLeaf }, code: { middle: "" } };
    expect(await reach(parts)).toMatchObject({ reachable: "no" });
    const app = "import 'middle';\nimport 'leaf';\n";
    expect(await reach({ ...parts, code: { ...parts.code, app } })).toEqual({
      reachable: "yes",
      why: "@acme/app@1.0.0/index.js imports leaf",
    });
  });

  test("is told of the packed bytes, not of what lies in the workspace", async () => {
    const input = await makeVulnerableWorkspace({ advisories: [vulnerable] });
    await writeFile(join(input.workspace, "app/index.js"), "export {};\n");
    const [result] = await runGates([advisoriesGate], input);
    expect((result!.details as AdvisoriesDetails).matches).toMatchObject([{ reachable: "yes" }]);
  });
});

describe("an export that an advisory names", () => {
  const named = structuredClone(vulnerable);
  (named["affected"] as Record<string, unknown>[])[0]!["ecosystem_specific"] = {
    imports: [{ path: "leaf", symbols: ["leaf.template"] }],
  };

  test.each([
    ["import { template } from 'leaf';", "yes", "middle@1.0.0/index.js uses template of leaf"],
    ["import * as leaf from 'leaf'; leaf.template();", "yes", "middle@1.0.0/index.js uses template of leaf"],
    ["const { template } = require('leaf');", "yes", "middle@1.0.0/index.js uses template of leaf"],
    ["import template from 'leaf/template';", "yes", "middle@1.0.0/index.js uses template of leaf"],
    ["import { map } from 'leaf';", "unknown", expect.stringContaining("what it imports may call it")],
    ["export * from 'leaf';", "unknown", expect.stringContaining("nothing there names template")],
    ["export {};", "no", "nothing in middle@1.0.0 imports leaf"],
  ])("by %j: %s", async (middle, reachable, why) => {
    expect(await reach({ advisories: [named], code: { middle } })).toEqual({ reachable, why });
  });
});

describe("a match that nothing leads to", () => {
  test("stops a release all the same, unless the policy lowers it", async () => {
    const code = { middle: "module.exports = 1;\n" };
    expect(await judge({ code })).toMatchObject({ verdict: "failed" });
    expect(await judge({ code, policy: { unreachable: "warning" } })).toMatchObject({
      verdict: "passed",
      findings: [{ rule: "vulnerable", severity: "warning" }],
    });
    expect(await judge({ policy: { unreachable: "warning" } })).toMatchObject({ verdict: "failed" });
  });
});

describe("readImports", () => {
  test("reads names as the other module exports them", () => {
    const { uses } = readImports(
      "import a, { b as c, default as d } from 'x';\nexport { q as r } from 'y';\nimport 'z';",
    );
    expect(uses).toEqual([
      { specifier: "x", names: ["*", "b", "*"] },
      { specifier: "y", names: ["q"] },
      { specifier: "z", names: [] },
    ]);
  });

  test.each(["typeof require", "require.main === module", "require.resolve('x')", "import.meta.url"])(
    "sees nothing computed in %j",
    (code) => {
      expect(readImports(code).opaque).toBeUndefined();
    },
  );
});
