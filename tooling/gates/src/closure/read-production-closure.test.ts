import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ProductionClosure, readProductionClosure } from "@hxp/release-gates";
import { rm } from "node:fs/promises";
import { installWorkspace, type InstalledWorkspace, writeFiles } from "../../test/install-workspace.ts";
import { temporaryFolder } from "../../test/temporary-folder.ts";

let workspace: InstalledWorkspace;
beforeAll(async () => {
  workspace = await installWorkspace();
});
afterAll(async () => {
  await workspace[Symbol.asyncDispose]();
  await rm(workspace.folder, { recursive: true, force: true });
});

function idsOf({ components }: ProductionClosure): string[] {
  return components.map(({ id }) => id);
}

function find(closure: ProductionClosure, id: string): ProductionClosure["components"][number] {
  return closure.components.find((component) => component.id === id)!;
}

describe("readProductionClosure, of a workspace that pnpm installed", () => {
  test("has dependencies, links, aliases, peers and every platform's binaries, and nothing for development", async () => {
    const closure = await readProductionClosure(workspace.folder, "packages/application");
    expect(idsOf(closure)).toEqual([
      "@acme/library@1.0.0",
      "@scope/peered@2.0.0",
      "both@1.0.0",
      "choice@1.0.0",
      "host@3.0.0",
      "leaf@1.2.0",
      "native-elsewhere@1.0.0",
      "native-nowhere@1.0.0",
      "native@1.0.0",
      "plain@1.0.0",
      "real-name@1.0.0",
      "silent@1.0.0",
    ]);
  });

  test("describes a component by name, version, purl and integrity", async () => {
    const closure = await readProductionClosure(workspace.folder, "packages/application/");
    expect(find(closure, "@scope/peered@2.0.0")).toMatchObject({
      name: "@scope/peered",
      version: "2.0.0",
      purl: "pkg:npm/%40scope/peered@2.0.0",
      integrity: expect.stringMatching(/^sha512-/),
      optional: false,
      dependencies: [{ name: "host", id: "host@3.0.0", optional: false }],
    });
    expect(closure.root).toMatchObject({ id: "@acme/application@2.0.0", folder: "packages/application" });
    expect(closure.root.dependencies).toContainEqual({ name: "alias", id: "real-name@1.0.0", optional: false });
    expect(find(closure, "@acme/library@1.0.0")).toMatchObject({ folder: "packages/library" });
  });

  test("says what is optional", async () => {
    const { components } = await readProductionClosure(workspace.folder, "packages/application");
    const optional = components.filter((component) => component.optional);
    expect(optional.map(({ name }) => name)).toEqual(["native-elsewhere", "native-nowhere", "native"]);
  });

  test("shows the shortest way by each direct dependency", async () => {
    const closure = await readProductionClosure(workspace.folder, "packages/application");
    const root = "@acme/application@2.0.0";
    expect(find(closure, "leaf@1.2.0").dependencyPaths).toEqual([
      [root, "host@3.0.0", "leaf@1.2.0"],
      [root, "@acme/library@1.0.0", "plain@1.0.0", "leaf@1.2.0"],
      [root, "@scope/peered@2.0.0", "host@3.0.0", "leaf@1.2.0"],
    ]);
  });
});

const lockfile = (body: string): string => `lockfileVersion: '9.0'\n${body}`;

async function read(text: string, manifests: Record<string, object> = {}): Promise<ProductionClosure> {
  const folder = await temporaryFolder();
  await writeFiles(folder, { "pnpm-lock.yaml": text, "a/package.json": { name: "a", version: "1.0.0" }, ...manifests });
  return readProductionClosure(folder, "a");
}

describe("readProductionClosure, of other lockfiles", () => {
  test("takes the workspace's document where pnpm wrote one for itself before it", async () => {
    const own = "lockfileVersion: '9.0'\nimporters: { .: { packageManagerDependencies: {} } }\n";
    const closure = await read(`---\n${own}---\n${lockfile("importers: { a: {} }")}`);
    expect(closure.components).toEqual([]);
  });

  test("leaves out an optional peer that is only there for development", async () => {
    const peers = (optional: boolean): object => ({
      name: "a",
      version: "1.0.0",
      peerDependencies: { host: "^1.0.0" },
      peerDependenciesMeta: { host: { optional } },
    });
    const text = lockfile(`importers:
  a:
    devDependencies:
      host: { specifier: 1.0.0, version: 1.0.0 }
packages:
  host@1.0.0: { resolution: { integrity: sha512-x } }
snapshots:
  host@1.0.0: {}
`);
    expect(idsOf(await read(text, { "a/package.json": peers(true) }))).toEqual([]);
    expect(idsOf(await read(text, { "a/package.json": peers(false) }))).toEqual(["host@1.0.0"]);
  });

  test("joins what one version depends on with different peers", async () => {
    const closure = await read(
      lockfile(`
importers:
  a:
    dependencies:
      x: { specifier: '1', version: 1.0.0(p@1.0.0) }
      y: { specifier: '1', version: 1.0.0 }
packages:
  x@1.0.0: { resolution: { integrity: sha512-x } }
  y@1.0.0: { resolution: { integrity: sha512-y } }
  p@1.0.0: { resolution: { integrity: sha512-p } }
  p@2.0.0: { resolution: { integrity: sha512-q } }
snapshots:
  x@1.0.0(p@1.0.0): { dependencies: { p: 1.0.0 } }
  x@1.0.0(p@2.0.0): { dependencies: { p: 2.0.0 } }
  y@1.0.0: { dependencies: { x: 1.0.0(p@2.0.0) } }
  p@1.0.0: {}
  p@2.0.0: {}
`),
    );
    expect(idsOf(closure)).toEqual(["p@1.0.0", "p@2.0.0", "x@1.0.0", "y@1.0.0"]);
    expect(find(closure, "x@1.0.0").dependencies.map(({ id }) => id)).toEqual(["p@1.0.0", "p@2.0.0"]);
  });

  test("ends on cycles, also through the package itself", async () => {
    const closure = await read(
      lockfile(`
importers:
  a: { dependencies: { b: { specifier: 'workspace:^', version: link:../b } } }
  b: { dependencies: { a: { specifier: 'workspace:^', version: link:../a }, x: { specifier: '1', version: 1.0.0 } } }
packages: { x@1.0.0: { resolution: {} } }
snapshots: { x@1.0.0: { dependencies: { x: 1.0.0 } } }
`),
      { "b/package.json": { name: "b", version: "1.0.0" } },
    );
    expect(idsOf(closure)).toEqual(["b@1.0.0", "x@1.0.0"]);
    expect(find(closure, "x@1.0.0").dependencyPaths).toEqual([["a@1.0.0", "b@1.0.0", "x@1.0.0"]]);
  });

  test("says where something comes from that is in no registry", async () => {
    const url = "https://example.com/x/tar.gz/abc";
    const closure = await read(
      lockfile(`
importers: { a: { dependencies: { x: { specifier: '${url}', version: '${url}' } } } }
packages: { 'x@${url}': { resolution: { tarball: '${url}' }, version: 1.2.3 } }
snapshots: { 'x@${url}': {} }
`),
    );
    expect(closure.components).toMatchObject([
      { version: "1.2.3", purl: `pkg:npm/x@1.2.3?download_url=${encodeURIComponent(url)}` },
    ]);
  });

  test.each([
    ["of another version", "lockfileVersion: '6.0'\nimporters: {}", "version 9"],
    ["that is no YAML", "a: [", "is not YAML"],
    ["with a key twice", lockfile("importers: { a: {} }\npackages: { x@1.0.0: {}, x@1.0.0: {} }"), "x@1.0.0 twice"],
    [
      "with a reference to nothing",
      lockfile("importers: { a: { dependencies: { x: { version: 1.0.0 } } } }"),
      "no snapshot of x",
    ],
    [
      "with a link to outside",
      lockfile("importers: { a: { dependencies: { x: { version: 'link:../../x' } } } }"),
      "no package in the folder ../x",
    ],
    ["without the package", lockfile("importers: { b: {} }"), "package.json"],
    [
      "with a snapshot that nothing describes",
      lockfile("importers: { a: { dependencies: { x: { version: 1.0.0 } } } }\nsnapshots: { x@1.0.0: {} }"),
      "does not describe x@1.0.0",
    ],
  ])("throws LOCKFILE_INVALID on a lockfile %s", async (_title, text, message) => {
    const error = expect.objectContaining({ code: "LOCKFILE_INVALID", message: expect.stringContaining(message) });
    await expect(read(text)).rejects.toEqual(error);
  });

  test("throws LOCKFILE_INVALID where there is no lockfile", async () => {
    const folder = await temporaryFolder();
    await expect(readProductionClosure(folder, "a")).rejects.toMatchObject({ code: "LOCKFILE_INVALID" });
  });
});
