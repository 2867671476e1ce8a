import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, matchesGlob, relative } from "node:path";
import ts from "typescript";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Manifest, readPackages, root, type WorkspacePackage } from "./workspace-files.ts";

interface Layer {
  name: string;
  /** Folders of its packages; a package belongs to the first layer that has it. */
  holds: readonly string[];
  /** Layers that its packages may import from. A package never imports from its own layer: that is beside. */
  restsOn: readonly string[];
}

const foundation = ["errors", "foundation"];
const schemas = [...foundation, "schemas", "platform schema"];

/** The plan of the house. Arrows point down only. */
const layers: readonly Layer[] = [
  { name: "errors", holds: ["packages/foundation/errors"], restsOn: [] },
  { name: "foundation", holds: ["packages/foundation/*"], restsOn: ["errors"] },
  { name: "platform schema", holds: ["packages/schemas/platform"], restsOn: [...foundation, "schemas"] },
  { name: "schemas", holds: ["packages/schemas/*"], restsOn: foundation },
  {
    name: "rooms",
    holds: [
      "packages/services/*",
      "packages/engines/*",
      "packages/models/*",
      "packages/deploy/*",
      "packages/operations/*",
    ],
    restsOn: schemas,
  },
  { name: "cli", holds: ["packages/cli", "packages/cli/*"], restsOn: [...schemas, "rooms"] },
  { name: "release", holds: ["tooling/release"], restsOn: [...foundation, "release parts"] },
  { name: "release parts", holds: ["tooling/gates", "tooling/registry", "tooling/report"], restsOn: foundation },
  { name: "lab", holds: ["tooling/lab"], restsOn: foundation },
];

/** One package that names another. */
interface Arrow {
  from: WorkspacePackage;
  to: string;
  /** The file that has it. */
  where: string;
}

/** Every arrow of a workspace that does not point down, and every import that goes round the packages' names. */
function findViolations(workspace: string): string[] {
  const packages = readPackages(workspace);
  const byName = new Map(packages.map((entry) => [entry.manifest.name, entry]));
  const strays = packages.filter(({ folder }) => findLayer(folder) === undefined);
  const arrows = packages.flatMap((entry) => [...readDeclared(entry), ...readImported(workspace, entry)]);
  return [
    ...strays.map(({ folder }) => `${folder} is in no layer`),
    ...arrows.flatMap((arrow) => judge(arrow, byName.get(arrow.to))),
    ...packages.flatMap((entry) => findEscapes(workspace, entry)),
  ].toSorted();
}

function judge({ from, to, where }: Arrow, target: WorkspacePackage | undefined): string[] {
  if (target === undefined || target === from) return [];
  const [upper, lower] = [findLayer(from.folder), findLayer(target.folder)];
  if (upper === undefined || lower === undefined || upper.restsOn.includes(lower.name)) return [];
  return [`${where}: ${from.manifest.name} (${upper.name}) must not import ${to} (${lower.name})`];
}

function findLayer(folder: string): Layer | undefined {
  return layers.find(({ holds }) => holds.some((glob) => matchesGlob(folder, glob)));
}

const dependencyKinds = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"] as const;

function readDeclared(from: WorkspacePackage): Arrow[] {
  const names = dependencyKinds.flatMap((kind) => Object.keys(from.manifest[kind] ?? {}));
  return names.map((to) => ({ from, to, where: `${from.folder}/package.json` }));
}

function readImported(workspace: string, from: WorkspacePackage): Arrow[] {
  return readSpecifiers(workspace, from)
    .filter(({ specifier }) => !specifier.startsWith("."))
    .map(({ specifier, where }) => ({ from, to: /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier, where }));
}

/** A relative path out of a package would be an arrow that no manifest shows. */
function findEscapes(workspace: string, from: WorkspacePackage): string[] {
  return readSpecifiers(workspace, from)
    .filter(({ specifier }) => specifier.startsWith("."))
    .filter(({ specifier, where }) => relative(from.folder, join(dirname(where), specifier)).startsWith(".."))
    .map(({ specifier, where }) => `${where}: ${specifier} leaves the package`);
}

/** What the compiler finds: imports, re-exports, type imports, `import()` and `require()`. */
function readSpecifiers(workspace: string, { folder }: WorkspacePackage): { specifier: string; where: string }[] {
  const inside = { cwd: join(workspace, folder), exclude: ["node_modules", "dist", "**/fixtures"] };
  return globSync("**/*.{ts,mts,cts,js,mjs,cjs}", inside).flatMap((file) => {
    const where = join(folder, file);
    const { importedFiles } = ts.preProcessFile(readFileSync(join(workspace, where), "utf8"), true, true);
    return importedFiles.map(({ fileName }) => ({ specifier: fileName, where }));
  });
}

test("every arrow between packages points down", () => {
  expect(findViolations(root)).toEqual([]);
});

test("there are arrows to look at, in manifests and in source", () => {
  const packages = readPackages();
  const internal = new Set(packages.map(({ manifest }) => manifest.name));
  const declared = packages.flatMap((entry) => readDeclared(entry)).filter(({ to }) => internal.has(to));
  const imported = packages.flatMap((entry) => readImported(root, entry)).filter(({ to }) => internal.has(to));
  expect(declared.length).toBeGreaterThan(5);
  expect(imported.length).toBeGreaterThan(50);
});

test("no layer rests on itself or on one that rests on it", () => {
  for (const layer of layers) {
    for (const lower of layer.restsOn) {
      const found = layers.find(({ name }) => name === lower);
      expect(found, lower).toBeDefined();
      expect(found?.restsOn, `${layer.name} and ${lower}`).not.toContain(layer.name);
    }
    expect(layer.restsOn).not.toContain(layer.name);
  }
});

describe("a violation that somebody plants", () => {
  /** This workspace's manifests, with files written over them. */
  function plant(files: Readonly<Record<string, string | Manifest>>): string[] {
    const workspace = mkdtempSync(join(tmpdir(), "hxp-layers-"));
    onTestFinished(() => rmSync(workspace, { recursive: true }));
    for (const path of ["pnpm-workspace.yaml", ...readPackages().map(({ folder }) => `${folder}/package.json`)]) {
      cpSync(join(root, path), join(workspace, path));
    }
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(workspace, path)), { recursive: true });
      writeFileSync(join(workspace, path), typeof content === "string" ? content : JSON.stringify(content));
    }
    expect(existsSync(join(workspace, "packages/foundation/errors/package.json"))).toBe(true);
    return findViolations(workspace);
  }

  test("is not one that is there anyway", () => {
    expect(plant({})).toEqual([]);
  });

  test.each([
    ['import "@hxp/evidence";', "@hxp/config (foundation) must not import @hxp/evidence (foundation)"],
    ['import type { A } from "@hxp/schema-platform";', "must not import @hxp/schema-platform (platform schema)"],
    ['export * from "@hxp/evidence/durable";', "must not import @hxp/evidence (foundation)"],
    ['const a = await import("@hxp/release");', "must not import @hxp/release (release)"],
    ['type A = import("@hxp/release-gates").Gate;', "must not import @hxp/release-gates (release parts)"],
    ['import { a } from "../../evidence/src/index.ts";', "../../evidence/src/index.ts leaves the package"],
  ])("in foundation source is found: %s", (line, expected) => {
    expect(plant({ "packages/foundation/config/src/planted.ts": `${line}\n` })).toEqual([
      expect.stringMatching(/^packages\/foundation\/config\/src\/planted\.ts: /),
    ]);
    expect(plant({ "packages/foundation/config/src/planted.ts": `${line}\n` })[0]).toContain(expected);
  });

  test("in a test is found, and so is one in a manifest", () => {
    expect(plant({ "tooling/gates/test/planted.test.ts": 'import "@hxp/release-registry";\n' })).toHaveLength(1);
    const manifest = { name: "@hxp/errors", devDependencies: { "@hxp/config": "workspace:^" } };
    expect(plant({ "packages/foundation/errors/package.json": manifest })).toEqual([
      "packages/foundation/errors/package.json: @hxp/errors (errors) must not import @hxp/config (foundation)",
    ]);
  });

  test.each([
    ["tooling/gates", "packages/schemas/platform", 1],
    ["tooling/release", "packages/services/gateway", 1],
    ["packages/services/gateway", "tooling/gates", 1],
    ["packages/services/gateway", "packages/engines/llama", 1],
    ["packages/deploy/core", "packages/services/gateway", 1],
    ["packages/schemas/model", "packages/schemas/gateway", 1],
    ["packages/services/gateway", "packages/schemas/gateway", 0],
    ["packages/schemas/platform", "packages/schemas/gateway", 0],
    ["packages/cli/hxp", "packages/operations/bench", 0],
    ["tooling/release", "tooling/report", 0],
  ])("from %s to %s makes %i", (from, to, count) => {
    const target = "@planted/target";
    const files = {
      [`${to}/package.json`]: { name: target },
      [`${from}/package.json`]: { name: "@planted/source", dependencies: { [target]: "workspace:^" } },
    };
    expect(plant(files).filter((line) => line.includes("@planted/source"))).toHaveLength(count);
  });

  test("as a package in a place of its own is found", () => {
    const files = { "packages/misc/utils/package.json": { name: "@hxp/utils" } };
    expect(plant(files)).toEqual(["packages/misc/utils is in no layer"]);
  });
});
