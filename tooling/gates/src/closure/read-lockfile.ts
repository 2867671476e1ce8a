import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { HxpError } from "@hxp/errors";
import { parseAllDocuments, visit, type YAMLMap } from "yaml";
import { z } from "zod";

const references = z.record(z.string(), z.string()).default({});
const importerReferences = z.record(z.string(), z.looseObject({ version: z.string() })).default({});
const catalogSchema = z.record(z.string(), z.looseObject({ specifier: z.string() }));

const importerSchema = z.looseObject({
  dependencies: importerReferences,
  optionalDependencies: importerReferences,
  devDependencies: importerReferences,
});

const packageSchema = z.looseObject({
  resolution: z.looseObject({
    integrity: z.string().optional(),
    tarball: z.string().optional(),
    repo: z.string().optional(),
    commit: z.string().optional(),
    directory: z.string().optional(),
  }),
  version: z.string().optional(),
});

const snapshotSchema = z.looseObject({ dependencies: references, optionalDependencies: references });

const lockfileSchema = z.looseObject({
  lockfileVersion: z.coerce.string().regex(/^9\./),
  catalogs: z.record(z.string(), catalogSchema).default({}),
  importers: z.record(z.string(), importerSchema),
  packages: z.record(z.string(), packageSchema).default({}),
  snapshots: z.record(z.string(), snapshotSchema).default({}),
});

const manifestSchema = z.looseObject({
  name: z.string().default(""),
  version: z.string().default("0.0.0"),
  private: z.boolean().default(false),
  peerDependencies: references,
  peerDependenciesMeta: z.record(z.string(), z.looseObject({ optional: z.boolean().optional() })).default({}),
});

/** A package of the workspace: what the lockfile resolved for it, and its manifest. */
export type Importer = z.output<typeof importerSchema> & { manifest: z.output<typeof manifestSchema> };

/** What the lockfile says about a package, whatever its peers are. */
export type LockedPackage = z.output<typeof packageSchema>;

/** What the lockfile resolved below a package with certain peers. */
type Snapshot = z.output<typeof snapshotSchema>;

/** A pnpm lockfile with the manifests of the workspace's own packages. */
export interface Lockfile {
  /** Ranges by catalog and name: what `catalog:` stands for in a manifest. */
  catalogs: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** By folder relative to the workspace, `.` for its root. */
  importers: ReadonlyMap<string, Importer>;
  /** By `name@version`. */
  packages: ReadonlyMap<string, LockedPackage>;
  /** By `name@version(peer@version)`. */
  snapshots: ReadonlyMap<string, Snapshot>;
  /** `sha256:<hex>` of pnpm-lock.yaml. */
  digest: string;
}

/** Reads `pnpm-lock.yaml` (version 9) of a workspace. Throws LOCKFILE_INVALID. */
export async function readLockfile(workspace: string): Promise<Lockfile> {
  const path = join(workspace, "pnpm-lock.yaml");
  const text = await readText(path);
  const parsed = lockfileSchema.safeParse(parseLastDocument(text, path));
  if (!parsed.success) {
    throw new HxpError("LOCKFILE_INVALID", `${path} is not a lockfile of version 9:\n${z.prettifyError(parsed.error)}`);
  }
  const { catalogs, importers, packages, snapshots } = parsed.data;
  const withManifests = Object.entries(importers).map(async ([folder, importer]): Promise<[string, Importer]> => {
    return [folder, { ...importer, manifest: await readManifest(join(workspace, folder, "package.json")) }];
  });
  return {
    catalogs: new Map(Object.entries(catalogs).map(([name, entries]) => [name, toRanges(entries)])),
    importers: new Map(await Promise.all(withManifests)),
    packages: new Map(Object.entries(packages)),
    snapshots: new Map(Object.entries(snapshots)),
    digest: `sha256:${createHash("sha256").update(text).digest("hex")}`,
  };
}

function toRanges(catalog: z.output<typeof catalogSchema>): Map<string, string> {
  return new Map(Object.entries(catalog).map(([name, { specifier }]) => [name, specifier]));
}

/** pnpm puts what it resolved for its own configuration into a document before that of the workspace. */
function parseLastDocument(text: string, path: string): unknown {
  // The library compares each key with each before it; that of a large lockfile takes longer than all else.
  const document = [...parseAllDocuments(text, { uniqueKeys: false })].at(-1);
  if (document === undefined || document.errors.length > 0) {
    throw new HxpError("LOCKFILE_INVALID", `${path} is not YAML: ${document?.errors[0]?.message ?? "it is empty"}`);
  }
  visit(document, { Map: (_key, map) => rejectRepeatedKeys(map, path) });
  return document.toJS({ maxAliasCount: 0 });
}

function rejectRepeatedKeys(map: YAMLMap, path: string): void {
  const seen = new Set<string>();
  for (const { key } of map.items) {
    const name = String(key);
    if (seen.has(name)) throw new HxpError("LOCKFILE_INVALID", `${path} has the key ${name} twice in one place.`);
    seen.add(name);
  }
}

async function readManifest(path: string): Promise<Importer["manifest"]> {
  const text = await readText(path);
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new HxpError("LOCKFILE_INVALID", `${path}, a package of the lockfile, is not a manifest.`, { cause });
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new HxpError("LOCKFILE_INVALID", `${path} cannot be read.`, { cause });
  }
}
