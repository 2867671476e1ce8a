import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Manifest, readManifest, readPackages, readPublishedPackages, readText, root } from "./workspace-files.ts";

const published = readPublishedPackages();
const rootManifest = readManifest(root);
const names = new Set(readPackages().map(({ manifest }) => manifest.name));
const kinds = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"] as const;

/** Scripts that package managers run by themselves, on our machines or on consumers'. */
const lifecycle = /^(pre|post)?(install|pack|publish|prepare|prepublish|version|uninstall|dependencies)(Only)?$/;

test("there are published packages to look at, and each has a name of its own", () => {
  expect(published.length).toBeGreaterThanOrEqual(7);
  expect(new Set(published.map(({ manifest }) => manifest.name)).size).toBe(published.length);
});

describe.each(published.map(({ folder, manifest }) => ({ name: manifest.name, folder, manifest })))(
  "$name",
  ({ name, folder, manifest }) => {
    test("has a scoped name, a version and a description of one line", () => {
      expect(name).toMatch(/^@hxp\/[a-z]+(-[a-z]+)*$/);
      expect(manifest.version).toMatch(/^\d+\.\d+\.\d+(-[a-z]+\.\d+)?$/);
      expect(manifest.description).toMatch(/^\S.{9,119}[^.\s]$/);
    });

    test("has the MIT licence, in words as in the manifest", () => {
      expect(manifest.license).toBe("MIT");
      expect(readText(`${folder}/LICENSE`)).toBe(readText("LICENSE"));
    });

    test("has a README of at most 80 lines that begins with its name", () => {
      expect(existsSync(join(root, folder, "README.md"))).toBe(true);
      const lines = readText(`${folder}/README.md`).trimEnd().split("\n");
      expect(lines[0]).toBe(`# ${name}`);
      expect(lines.length).toBeLessThanOrEqual(80);
    });

    test("says where its source is", () => {
      expect(manifest.repository).toEqual({ type: "git", url: rootManifest.repository?.url, directory: folder });
    });

    test("runs on the Node versions that every package runs on", () => {
      expect(manifest.engines).toEqual(published[0]?.manifest.engines);
      expect(Object.keys(manifest.engines ?? {})).toEqual(["node"]);
    });

    test("is an ES module without side effects, of which dist is published", () => {
      expect(manifest).toMatchObject({ type: "module", sideEffects: false });
      expect(manifest.files?.[0]).toBe("dist");
      for (const file of manifest.files?.slice(1) ?? []) expect(existsSync(join(root, folder, file)), file).toBe(true);
    });

    test("exports, here, its source, and its types and code from dist, in this order", () => {
      const { ".": main, "./package.json": own, ...others } = manifest.exports ?? {};
      expect([typeof main, own]).toEqual(["object", "./package.json"]);
      for (const target of [main, ...Object.values(others)]) {
        if (typeof target === "string") {
          expect(target).toMatch(/^\.\/[\w./-]+\.json$/);
          continue;
        }
        expect(Object.keys(target ?? {})).toEqual(["@hxp/source", "types", "default"]);
        const entry = target?.["@hxp/source"]?.replace(/^\.\/src\//, "").replace(/\.ts$/, "");
        expect(existsSync(join(root, folder, `src/${entry}.ts`)), entry).toBe(true);
        expect(target).toMatchObject({ types: `./dist/${entry}.d.ts`, default: `./dist/${entry}.js` });
      }
    });

    test("exports the same subpaths when it is published, without its source", () => {
      expect(manifest.publishConfig?.exports).toEqual(withoutSource(manifest.exports));
      expect(Object.keys(manifest.publishConfig?.exports ?? {})).toEqual(Object.keys(manifest.exports ?? {}));
    });

    test("is published for everyone, with provenance", () => {
      expect(manifest.publishConfig).toMatchObject({ access: "public", provenance: true });
      expect(Object.keys(manifest.publishConfig ?? {}).toSorted()).toEqual(["access", "exports", "provenance"]);
    });

    test("has bins that dist will have", () => {
      for (const file of Object.values(manifest.bin ?? {})) {
        expect(file).toMatch(/^\.\/dist\/.*\.js$/);
        expect(existsSync(join(root, folder, file.replace("./dist/", "src/").replace(/\.js$/, ".ts")))).toBe(true);
      }
    });

    test("builds as every package does, and has no script that runs by itself", () => {
      const up = folder
        .split("/")
        .map(() => "..")
        .join("/");
      expect(manifest.scripts).toEqual({ build: `tsup --config ${up}/tsup.config.ts` });
      expect(Object.keys(manifest.scripts ?? {}).filter((script) => lifecycle.test(script))).toEqual([]);
    });

    test("takes its neighbours by `workspace:^`", () => {
      const neighbours = listDependencies(manifest).filter(({ dependency }) => names.has(dependency));
      expect(neighbours.filter(({ range }) => range !== "workspace:^")).toEqual([]);
    });
  },
);

describe("the root manifest", () => {
  test("is private and has the licence of its packages", () => {
    expect(rootManifest).toMatchObject({ private: true, license: "MIT", type: "module" });
  });

  test("names tools to the version, and everything else through catalog and workspace", () => {
    const loose = listDependencies(rootManifest).filter(
      ({ dependency, range }) =>
        !/^\d+\.\d+\.\d+$/.test(range) && range !== (names.has(dependency) ? "workspace:*" : "catalog:"),
    );
    expect(loose).toEqual([]);
  });

  test("has no dependency that consumers would get, and no script that runs by itself", () => {
    expect(rootManifest.dependencies).toBeUndefined();
    expect(Object.keys(rootManifest.scripts ?? {}).filter((script) => lifecycle.test(script))).toEqual([]);
  });

  test("pins pnpm and one Node for each platform, the one that pnpm-workspace.yaml names", () => {
    expect((rootManifest as { packageManager?: string }).packageManager).toMatch(/^pnpm@12\.\d+\.\d+$/);
    const [, node] = /^nodeVersion: (.*)$/m.exec(readText("pnpm-workspace.yaml")) ?? [];
    expect(new Set(Object.values(rootManifest.optionalDependencies ?? {}))).toEqual(new Set([node]));
  });
});

describe("versions that several packages share", () => {
  const manifests = [rootManifest, ...readPackages().map(({ manifest }) => manifest)];
  const catalog = new Set(
    [.../^catalog:\n((?: {2}.*\n)+)/m.exec(readText("pnpm-workspace.yaml"))![1]!.matchAll(/^ {2}"?([^":]+)"?:/gm)].map(
      ([, name]) => name!,
    ),
  );
  const external = manifests.flatMap((manifest) =>
    listDependencies(manifest)
      .filter(({ dependency, kind }) => !names.has(dependency) && kind !== "peerDependencies")
      .map((entry) => ({ ...entry, by: manifest.name })),
  );

  test("stand in the catalog", () => {
    const users = Map.groupBy(external, ({ dependency }) => dependency);
    const shared = [...users].filter(([, entries]) => new Set(entries.map(({ by }) => by)).size > 1);
    const outside = shared.filter(([dependency]) => !catalog.has(dependency));
    expect(outside.map(([dependency, entries]) => `${dependency}: ${entries.map(({ by }) => by).join(", ")}`)).toEqual(
      [],
    );
  });

  test("are taken from the catalog by everyone", () => {
    const strays = external.filter(({ dependency, range }) => catalog.has(dependency) && range !== "catalog:");
    expect(strays).toEqual([]);
  });

  test("are needed: no line of the catalog is left over", () => {
    const used = new Set(external.filter(({ range }) => range === "catalog:").map(({ dependency }) => dependency));
    expect([...catalog].filter((name) => !used.has(name))).toEqual([]);
  });
});

function listDependencies(manifest: Manifest): { kind: string; dependency: string; range: string }[] {
  return kinds.flatMap((kind) =>
    Object.entries(manifest[kind] ?? {}).map(([dependency, range]) => ({ kind, dependency, range })),
  );
}

function withoutSource(exports: Manifest["exports"] = {}): Manifest["exports"] {
  const entries = Object.entries(exports).map(([subpath, target]): [string, string | Record<string, string>] => {
    if (typeof target === "string") return [subpath, target];
    const { "@hxp/source": _, ...rest } = target;
    return [subpath, rest];
  });
  return Object.fromEntries(entries);
}
