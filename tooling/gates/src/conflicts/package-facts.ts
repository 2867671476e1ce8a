import { z } from "zod";
import type { JsonObject } from "../gate.ts";

// Tolerant: registries serve what was published in ten years. What has another shape than it should is as if absent.
const ranges = z.record(z.string(), z.string()).default({}).catch({});

const manifestSchema = z.looseObject({
  dependencies: ranges,
  optionalDependencies: ranges,
  peerDependencies: ranges,
  peerDependenciesMeta: z
    .record(z.string(), z.looseObject({ optional: z.boolean().optional().catch(undefined) }))
    .default({})
    .catch({}),
  scripts: ranges,
  engines: ranges,
  gypfile: z.boolean().default(false).catch(false),
  hasInstallScript: z.boolean().default(false).catch(false),
  deprecated: z.union([z.string(), z.boolean()]).optional().catch(undefined),
});

/** What a manifest says that matters to those who install it beside others. */
export interface ManifestFacts {
  dependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
  peers: ReadonlyMap<string, Peer>;
  /** `engines.node`; absent where nothing is said. */
  node?: string;
  /** Scripts that run on whoever installs it, such as `postinstall`, sorted. */
  installScripts: string[];
}

/** A peer that a manifest asks for. */
interface Peer {
  range: string;
  optional: boolean;
}

/** What the registry says about one version. */
export interface VersionFacts {
  manifest: ManifestFacts;
  /** The maintainers' message. */
  deprecated?: string;
  /** ISO 8601. */
  published?: string;
}

/** What the registry says about a package, as far as gates ask. */
export interface PackageFacts {
  name: string;
  /** The version that the dist-tag `latest` points to. */
  latest?: string;
  /** When the first and the last version were published; absent where the registry does not keep the publishers' dates. */
  dates?: { first: Date; last: Date };
  maintainers: readonly string[];
  /** All versions that the registry has, in its order. */
  versions: readonly string[];
  /** Undefined for a version that the registry does not have. */
  version(version: string): VersionFacts | undefined;
}

/** Scripts that package managers run on whoever installs a package. */
const installScriptNames = ["install", "postinstall", "preinstall"];

/** Reads a manifest, whatever shape it has. */
export function readManifestFacts(manifest: unknown): ManifestFacts {
  const read = manifestSchema.safeParse(manifest ?? {}).data ?? manifestSchema.parse({});
  const optionalPeers = new Set(
    Object.entries(read.peerDependenciesMeta).flatMap(([name, { optional }]) => (optional === true ? [name] : [])),
  );
  const scripts = installScriptNames.filter((name) => Object.hasOwn(read.scripts, name));
  const builds = read.gypfile && scripts.length === 0 ? ["install (binding.gyp)"] : [];
  const unnamed = read.hasInstallScript && scripts.length + builds.length === 0 ? ["an install script"] : [];
  const node = Object.hasOwn(read.engines, "node") ? read.engines["node"] : undefined;
  return {
    dependencies: read.dependencies,
    optionalDependencies: read.optionalDependencies,
    peers: new Map(
      Object.entries(read.peerDependencies).map(([name, range]) => [
        name,
        { range, optional: optionalPeers.has(name) },
      ]),
    ),
    ...(node === undefined ? {} : { node }),
    installScripts: [...scripts, ...builds, ...unnamed],
  };
}

const packumentSchema = z.looseObject({
  "dist-tags": z.record(z.string(), z.string()).catch({}),
  versions: z.record(z.string(), z.unknown()).catch({}),
  time: z.record(z.string(), z.unknown()).catch({}),
  maintainers: z.array(z.union([z.string(), z.looseObject({ name: z.string() })])).catch([]),
});

/** Reads a packument. Versions are read when they are asked for, since some packages have thousands. */
export function readPackageFacts(name: string, packument: JsonObject): PackageFacts {
  const { time, versions, maintainers, "dist-tags": tags } = packumentSchema.parse(packument);
  const dates = readDates(time, versions);
  const latest = Object.hasOwn(tags, "latest") ? tags["latest"] : undefined;
  const readVersion = (version: string): VersionFacts => {
    const deprecated = readDeprecation(versions[version]);
    const published = dates === undefined ? undefined : readTime(time, version);
    return {
      manifest: readManifestFacts(versions[version]),
      ...(deprecated === undefined ? {} : { deprecated }),
      ...(published === undefined ? {} : { published: published.toISOString() }),
    };
  };
  const known = new Map<string, VersionFacts>();
  return {
    name,
    ...(latest === undefined ? {} : { latest }),
    ...(dates === undefined ? {} : { dates }),
    versions: Object.keys(versions),
    maintainers: maintainers.map((entry) => (typeof entry === "string" ? entry : entry.name)).toSorted(),
    version: (version) => {
      if (!Object.hasOwn(versions, version)) return undefined;
      const facts = known.get(version) ?? readVersion(version);
      known.set(version, facts);
      return facts;
    },
  };
}

/**
 * A registry that keeps the publishers' dates has one for the package's creation. A mirror has none, and its other
 * dates tell when it fetched a version.
 */
function readDates(time: Record<string, unknown>, versions: Record<string, unknown>): PackageFacts["dates"] {
  const first = readTime(time, "created");
  const published = Object.keys(versions).flatMap((version) => readTime(time, version)?.getTime() ?? []);
  if (first === undefined || published.length === 0) return undefined;
  return { first, last: new Date(Math.max(...published)) };
}

function readTime(time: Record<string, unknown>, key: string): Date | undefined {
  const text = Object.hasOwn(time, key) ? time[key] : undefined;
  const date = new Date(typeof text === "string" ? text : Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** npm takes an empty message for no deprecation. */
function readDeprecation(manifest: unknown): string | undefined {
  const { deprecated } = manifestSchema.safeParse(manifest).data ?? {};
  if (deprecated === undefined || deprecated === false || deprecated === "") return undefined;
  return deprecated === true ? "no message" : deprecated;
}
