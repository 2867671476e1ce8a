import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  findOne,
  type FixturePackage,
  makeFixture,
  olderNode,
  openWorld,
  type WorldOptions,
} from "../../test/compatibility-world.ts";
import { rulesOf } from "../../test/make-input.ts";

const newerNode = process.versions.node;

/** A dependency that grew a name in 1.2.0, and lost one in 1.4.0. */
const tools: FixturePackage[] = ["1.0.0", "1.1.0", "1.2.0", "1.3.0"].map((version) =>
  makeFixture(
    `tool@${version}`,
    version < "1.2.0" ? "export const old = 1;\n" : "export const old = 1;\nexport const fresh = 2;\n",
  ),
);

const contract = (source: string): Record<string, string> => ({ "packages/app/contract/works.ts": source });

describe("compatibilityGate", () => {
  test("executes each package in every resolution, on every Node, with every manager", async () => {
    const world = await openWorld();
    const result = await world.judge({
      released: [
        makeFixture("@acme/app@2.0.0", "export { old } from 'tool';\n", {
          dependencies: { tool: "^1.0.0", "@acme/base": "^1.0.0" },
          engines: { node: ">=22" },
        }),
        makeFixture("@acme/base@1.0.0", "export const base = 1;\n", {
          engines: { node: ">=22" },
          bin: { base: "./bin.js" },
          files: { "bin.js": "#!/usr/bin/env node\nconsole.log(process.versions.node, process.argv[2]);\n" },
        }),
      ],
      foreign: tools,
      locked: { "@acme/app": { tool: "1.1.0" } },
      files: contract(`import { old } from "@acme/app";\nconst one: number = old;\nif (one !== 1) process.exit(1);\n`),
      nodes: [olderNode, newerNode],
      managers: ["npm", "pnpm"],
    });
    expect(result.findings).toMatchObject([{ rule: "contract-missing", package: "@acme/base", severity: "warning" }]);
    const { cells } = result.details;
    expect(result).toMatchObject({ verdict: "passed", checked: 24 });
    expect(new Set(cells.map((cell) => [cell.package, cell.resolution, cell.node, cell.manager].join())).size).toBe(24);
    const versions = cells
      .filter(({ package: name }) => name === "@acme/app")
      .map(({ resolution, manager, dependencies }) =>
        [resolution, manager, dependencies.map((entry) => entry.version).join()].join(" "),
      );
    expect([...new Set(versions)]).toEqual([
      "locked npm 1.0.0,1.1.0",
      "locked pnpm 1.0.0,1.1.0",
      "lowest npm 1.0.0,1.0.0",
      "lowest pnpm 1.0.0,1.0.0",
      "newest npm 1.0.0,1.3.0",
      "newest pnpm 1.0.0,1.3.0",
    ]);
    for (const cell of cells) {
      const name = cell.package;
      const last = name === "@acme/app" ? "contract contract/works.ts" : "bin base";
      expect(cell.checks.map((check) => check.name)).toEqual(["install", `import ${name}`, last]);
      if (name === "@acme/base") expect(cell.log).toContain(`${cell.node} --help`);
      expect(JSON.stringify(cell)).not.toContain(world.folder);
    }
  });

  test("runs cells that resolve to the same once, and says so of the others", async () => {
    const world = await openWorld();
    const result = await world.judge({
      released: [makeFixture("@acme/app@1.0.0", "export { old } from 'tool';\n", { dependencies: { tool: "^1.3.0" } })],
      foreign: tools,
      locked: { "@acme/app": { tool: "1.3.0" } },
    });
    const { cells } = result.details;
    expect(cells).toHaveLength(3);
    expect(new Set(cells.map(({ key }) => key)).size).toBe(1);
    expect(cells.filter(({ reused }) => !reused)).toHaveLength(1);
    expect(new Set(cells.map(({ startedAt }) => startedAt)).size).toBe(1);
  });

  test("names a peer floor that does not work, and the lowest version that does", async () => {
    const world = await openWorld();
    const result = await world.judge({
      released: [
        makeFixture("@acme/app@1.0.0", "export { fresh } from 'tool';\n", { peerDependencies: { tool: "^1.0.0" } }),
      ],
      foreign: tools,
      locked: { "@acme/app": { tool: "1.3.0" } },
    });
    expect(result.verdict).toBe("failed");
    const finding = findOne(result, "floor-broken");
    expect(finding).toMatchObject({ package: "@acme/app", where: "tool", severity: "error" });
    expect(finding.message).toMatch(/tool \^1\.0\.0 and does not work with 1\.0\.0.*import @acme\/app: .*fresh/s);
    expect(finding.fix).toContain('Write `"tool": "^1.2.0"` in package.json of @acme/app');
    const failed = result.details.cells.filter(({ verdict }) => verdict === "failed");
    expect(failed.map(({ resolution }) => resolution)).toEqual(["lowest"]);
  });

  test("names floors that only fail together", async () => {
    const world = await openWorld();
    const part = (name: string): FixturePackage[] =>
      ["1.0.0", "1.1.0"].map((version) => makeFixture(`${name}@${version}`, `export const version = "${version}";\n`));
    const result = await world.judge({
      released: [
        makeFixture(
          "@acme/app@1.0.0",
          `import * as left from "left";\nimport * as right from "right";\nif (left.version === "1.0.0" && right.version === "1.0.0") throw new Error("both old");\n`,
          { dependencies: { left: "^1.0.0", right: "^1.0.0" } },
        ),
      ],
      foreign: [...part("left"), ...part("right")],
      locked: { "@acme/app": { left: "1.1.0", right: "1.1.0" } },
    });
    const finding = findOne(result, "floor-broken");
    expect(finding.where).toBe("several dependencies together");
    expect(finding.message).toMatch(/left 1\.0\.0 and right 1\.0\.0.*though with each of them alone.*both old/s);
  });

  test("sees an export that one Node cannot import", async () => {
    const world = await openWorld();
    const source = "export async function run(thing) { await using held = thing; return held; }\n";
    const result = await world.judge({
      released: [makeFixture("@acme/app@1.0.0", source, { engines: { node: "^22.0.0 || ^24.0.0" } })],
      nodes: [olderNode, newerNode],
    });
    const finding = findOne(result, "export-broken");
    expect(finding.where).toBe("import @acme/app");
    expect(finding.message).toContain(`Node ${olderNode}`);
    expect(finding.message).not.toContain(newerNode);
    expect(finding.message).toContain("SyntaxError");
    expect(finding.fix).toContain(`node-${process.platform}-${process.arch}@${olderNode}`);
  });

  test("lets npm resolve on each Node where engines make a difference", async () => {
    const world = await openWorld();
    const options: WorldOptions = {
      released: [makeFixture("@acme/app@1.0.0", "export * from 'tool';\n", { dependencies: { tool: "^1.0.0" } })],
      foreign: [
        makeFixture("tool@1.0.0", "export {};\n"),
        makeFixture("tool@1.1.0", "export {};\n", { engines: { node: ">=24" } }),
      ],
      nodes: [olderNode, newerNode],
      managers: ["npm"],
    };
    const first = await world.judge(options);
    const newest = first.details.cells.filter(({ resolution }) => resolution === "newest");
    expect(newest.map(({ node, dependencies }) => [node, dependencies[0]?.version])).toEqual([
      [olderNode, "1.0.0"],
      [newerNode, "1.1.0"],
    ]);
    const second = await world.judge(options);
    expect(second.details.cells.map(({ key }) => key)).toEqual(first.details.cells.map(({ key }) => key));
    expect(second.details.cells.every(({ reused }) => reused)).toBe(true);
  });

  test("does not trust a place where Node finds more than what was installed", async () => {
    const world = await openWorld();
    await mkdir(join(world.folder, "node_modules/forgotten"), { recursive: true });
    await writeFile(join(world.folder, "node_modules/forgotten/index.js"), "");
    const result = await world.judge({ released: [makeFixture("@acme/app@1.0.0", "import 'forgotten';\n")] });
    expect(result.details.cells.every(({ verdict }) => verdict === "passed")).toBe(true);
    expect(findOne(result, "surroundings-unclean")).toMatchObject({
      severity: "error",
      message: "~/node_modules stands above the folder in which consumers are set up.",
      fix: "Remove it: `rm -r ~/'node_modules'`.",
    });
    expect(JSON.stringify(result)).not.toContain(world.folder);
    expect(result.verdict).toBe("failed");
  });

  test("sees an export that needs an optional peer", async () => {
    const world = await openWorld();
    const result = await world.judge({
      released: [
        makeFixture("@acme/app@1.0.0", "export { old } from 'tool';\n", {
          peerDependencies: { tool: "^1.0.0" },
          peerDependenciesMeta: { tool: { optional: true } },
        }),
      ],
      foreign: tools,
    });
    expect(findOne(result, "export-broken").where).toBe("import @acme/app without optional peers");
  });

  test("sees a contract that fails, and one that never ends", async () => {
    const world = await openWorld();
    const result = await world.judge({
      released: [makeFixture("@acme/app@1.0.0", "export const answer = 41;\n")],
      files: {
        ...contract(
          `import { answer } from "@acme/app";\nif (answer !== 42) throw new Error("answer is " + answer);\n`,
        ),
        "packages/app/contract/waits.mjs": "setInterval(() => {}, 1000);\n",
      },
      policy: { contractTimeoutSeconds: 1 },
    });
    const findings = result.findings.filter(({ rule }) => rule === "contract-failed");
    expect(findings.map(({ where }) => where)).toEqual(["contract contract/waits.mjs", "contract contract/works.ts"]);
    expect(findings[0]?.message).toContain("took longer than 1 seconds");
    expect(findings[1]?.message).toContain("answer is 41");
  });

  test("sees a bin that crashes", async () => {
    const world = await openWorld();
    const files = { "bin.js": "#!/usr/bin/env node\nthrow new Error('no help here');\n" };
    const result = await world.judge({
      released: [makeFixture("@acme/app@1.0.0", "export const one = 1;\n", { bin: "./bin.js", files })],
    });
    const finding = findOne(result, "bin-broken");
    expect(finding.where).toBe("bin app");
    expect(finding.message).toContain("no help here");
  });

  test("sees that the newest versions break what the lockfile's do not", async () => {
    const world = await openWorld();
    const result = await world.judge({
      released: [makeFixture("@acme/app@1.0.0", "export { old } from 'tool';\n", { dependencies: { tool: "^1.0.0" } })],
      foreign: [...tools, makeFixture("tool@1.4.0", "export const fresh = 2;\n")],
      locked: { "@acme/app": { tool: "1.3.0" } },
    });
    const finding = findOne(result, "newest-broken");
    expect(finding.where).toBe("tool");
    expect(finding.message).toContain("tool 1.4.0 (range ^1.0.0)");
    expect(rulesOf(result)).not.toContain("floor-broken");
  });

  test("does not believe a lockfile and a registry that disagree about bytes", async () => {
    const world = await openWorld();
    const released = [
      makeFixture("@acme/app@1.0.0", "export { old } from 'tool';\n", { dependencies: { tool: "1.0.0" } }),
    ];
    const lockfile = {
      lockfileVersion: "9.0",
      importers: { "packages/app": { dependencies: { tool: { specifier: "1.0.0", version: "1.0.0" } } } },
      packages: { "tool@1.0.0": { resolution: { integrity: "sha512-other" } } },
      snapshots: { "tool@1.0.0": {} },
    };
    const result = await world.judge({
      released,
      foreign: tools,
      files: { "pnpm-lock.yaml": JSON.stringify(lockfile) },
    });
    const finding = findOne(result, "install-failed");
    expect(finding.message).toMatch(/locked on Node .*serves tool@1\.0\.0 with sha512-.*not with sha512-other/s);
  });
});
