import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  compatibilityGate,
  type CompatibilityDetails,
  type Finding,
  type GateInput,
  type GatePackage,
  type GateResult,
  type JsonObject,
  type ReleasePolicyInput,
} from "@hxp/release-gates";
import { onTestFinished } from "vitest";
import { ensureTestNode, ensureTestNpm } from "./ensure-tool.ts";
import { writeFiles } from "./install-workspace.ts";
import { makeInput } from "./make-input.ts";
import { integrityOf, makePackage } from "./make-tarball.ts";
import { type PublishedManifest, serveRegistry } from "./serve-registry.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** A version of a package, with the files beside its manifest. */
export interface FixturePackage {
  manifest: PublishedManifest;
  files: Record<string, string>;
  /** When a registry says that it was published, null where it says nothing; default: long ago, and in the lockfile. */
  published?: string | null;
}

/** What the gate is let loose on. */
export interface WorldOptions {
  /** Of this release; each has the folder `packages/<name without scope>`. */
  released: readonly FixturePackage[];
  /** In the workspace and not of this release; they have such folders, too. */
  unreleased?: readonly FixturePackage[];
  /** Earlier releases of the workspace's packages, oldest first. */
  earlier?: readonly FixturePackage[];
  /** What comes from upstream. */
  foreign?: readonly FixturePackage[];
  /** What the lockfile has, by package and dependency; whatever is missing has the first foreign version. */
  locked?: Record<string, Record<string, string>>;
  /** Further files of the workspace. */
  files?: Record<string, string>;
  policy?: ReleasePolicyInput["compatibility"];
  /** Default: that of the tests. */
  nodes?: readonly string[];
  /** Default: pnpm. */
  managers?: GateInput["tools"]["managers"];
  now?: Date;
  /** The user's npmrc, made for a registry that has everything. */
  npmrc?: (registry: string) => string;
  signal?: AbortSignal;
  onProgress?: (text: string) => void;
}

/** A workspace, its release and a registry; several releases can be judged in it, one after the other. */
export interface World {
  folder: string;
  judge(options: WorldOptions): Promise<Judged>;
}

/** A result with its details typed. */
type Judged = Omit<GateResult, "details"> & { details: CompatibilityDetails };

/** The older of the two Nodes that tests run. */
export const olderNode = "22.23.3";

/** Makes a package that is an ES module with one file. */
export function makeFixture(
  id: string,
  source: string,
  { files = {}, ...manifest }: { files?: Record<string, string> } & JsonObject = {},
): FixturePackage {
  const at = id.lastIndexOf("@");
  const [name, version] = [id.slice(0, at), id.slice(at + 1)];
  const rest = { type: "module", exports: "./index.js", ...manifest };
  return { manifest: { name, version, ...rest }, files: { "index.js": source, ...files } };
}

/** Opens a world in a temporary folder. */
export async function openWorld(): Promise<World> {
  const folder = await temporaryFolder();
  return { folder, judge: (options) => judgeIn(folder, options) };
}

async function judgeIn(folder: string, options: WorldOptions): Promise<Judged> {
  const { released, unreleased = [], earlier = [], foreign = [] } = options;
  const workspace = join(folder, "workspace");
  await writeFiles(workspace, { ...describeWorkspace([...released, ...unreleased], options), ...options.files });
  const tarballs = new Map<string, FixturePackage>();
  const pack = async (fixture: FixturePackage): Promise<GatePackage["tarball"]> => {
    const bytes = makePackage(fixture.manifest, fixture.files);
    const path = join(folder, "tarballs", `${idOf(fixture).replaceAll("/", "-")}.tgz`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
    tarballs.set(path, fixture);
    return { path, integrity: integrityOf(bytes) };
  };
  const packages = await Promise.all(
    released.map(async (fixture): Promise<GatePackage> => {
      const { name, version } = fixture.manifest;
      const tarball = await pack(fixture);
      return {
        name,
        version,
        folder: folderOf(fixture),
        private: false,
        manifest: fixture.manifest as JsonObject,
        tarball,
      };
    }),
  );
  const upstream = await serve(foreign);
  const npmrc = join(folder, "npmrc");
  await writeFile(npmrc, options.npmrc?.(upstream) ?? "");
  const input = makeInput(workspace, {
    scratch: join(folder, "scratch"),
    cache: join(folder, "cache"),
    packages,
    policy: { compatibility: options.policy ?? {} },
    tools: {
      env: { PATH: process.env["PATH"], HOME: folder, NPM_CONFIG_USERCONFIG: npmrc },
      nodes: options.nodes ?? [process.versions.node],
      managers: options.managers ?? ["pnpm"],
      node: (version) =>
        version === process.versions.node ? Promise.resolve(dirname(process.execPath)) : ensureTestNode(version),
      npm: () => ensureTestNpm("12.2.0"),
    },
    upstream: {
      packument: async (name) => {
        const answer = await fetch(`${upstream}${name}`);
        return answer.ok ? ((await answer.json()) as JsonObject) : undefined;
      },
      keys: () => Promise.resolve([]),
      attestations: () => Promise.resolve(undefined),
    },
    history: async (name, limit) => {
      const found = earlier.filter(({ manifest }) => manifest.name === name).toReversed();
      const packed = found.slice(0, limit).map(async (fixture) => ({
        version: fixture.manifest.version,
        tarball: (await pack(fixture)).path,
      }));
      return Promise.all(packed);
    },
    serve: (paths) => serve([...foreign, ...paths.flatMap((path) => tarballs.get(path) ?? [])]),
    ...(options.now === undefined ? {} : { now: options.now }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  });
  return (await compatibilityGate.judge(input)) as unknown as Judged;
}

/** The only finding of a rule. */
export function findOne({ findings }: Pick<Judged, "findings">, rule: string): Finding {
  const [found, ...others] = findings.filter((finding) => finding.rule === rule);
  if (found !== undefined && others.length === 0) return found;
  throw new Error(`Expected one finding of the rule ${rule}: ${JSON.stringify(findings, null, 2)}`);
}

/** A registry that ends with the test. */
async function serve(packages: readonly FixturePackage[]): Promise<string> {
  const registry = await serveRegistry(
    packages.map(({ manifest }) => manifest),
    Object.fromEntries(packages.map((fixture) => [idOf(fixture), fixture.files])),
    Object.fromEntries(
      packages.flatMap((entry) => (entry.published === undefined ? [] : [[idOf(entry), entry.published]])),
    ),
  );
  onTestFinished(() => registry[Symbol.asyncDispose]());
  return registry.url;
}

function describeWorkspace(
  packages: readonly FixturePackage[],
  { foreign = [], locked = {} }: WorldOptions,
): Record<string, object | string> {
  const own = new Map(packages.map((fixture) => [fixture.manifest.name, fixture]));
  const importers = packages.map((fixture): [string, object] => {
    const { name, dependencies, peerDependencies } = fixture.manifest;
    const ranges = { ...Object(peerDependencies), ...Object(dependencies) } as Record<string, string>;
    const entries = Object.entries(ranges).map(([dependency, specifier]) => {
      const other = own.get(dependency);
      const first = foreign.find(({ manifest }) => manifest.name === dependency)?.manifest.version;
      const version = other === undefined ? (locked[name]?.[dependency] ?? first) : `link:../${shortOf(other)}`;
      return [dependency, { specifier, version }];
    });
    return [
      folderOf(fixture),
      { dependencies: Object.fromEntries(entries.filter(([, entry]) => Object(entry).version)) },
    ];
  });
  const inLockfile = foreign.filter(
    ({ manifest: { name, version }, published }) =>
      published === undefined || Object.values(locked).some((versions) => versions[name] === version),
  );
  const lockfile = {
    lockfileVersion: "9.0",
    importers: { ".": {}, ...Object.fromEntries(importers) },
    packages: Object.fromEntries(
      inLockfile.map((fixture) => [
        idOf(fixture),
        { resolution: { integrity: integrityOf(makePackage(fixture.manifest, fixture.files)) } },
      ]),
    ),
    snapshots: Object.fromEntries(inLockfile.map((fixture) => [idOf(fixture), {}])),
  };
  return {
    "package.json": { name: "acme", private: true },
    "pnpm-lock.yaml": lockfile,
    ...Object.fromEntries(packages.map((fixture) => [`${folderOf(fixture)}/package.json`, fixture.manifest])),
  };
}

function idOf({ manifest }: FixturePackage): string {
  return `${manifest.name}@${manifest.version}`;
}

function shortOf({ manifest }: FixturePackage): string {
  return manifest.name.replace(/^@[^/]+\//, "");
}

function folderOf(fixture: FixturePackage): string {
  return `packages/${shortOf(fixture)}`;
}
