import { createHash } from "node:crypto";
import type { JsonObject, Upstream } from "../gate.ts";
import { recordOf, textsOf } from "../json/record-of.ts";
import { createLimit } from "../process/create-limit.ts";
import type { OwnPackages } from "./own-packages.ts";

/** What a registry says of one version, as far as it decides which version a range gets. */
export interface KnownVersion {
  version: string;
  integrity: string;
  isDeprecated: boolean;
  /** `engines.node`. */
  engines: string | undefined;
  dependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
}

/** What a registry says of a package. */
export interface KnownPackage {
  tags: Record<string, string>;
  versions: Map<string, KnownVersion>;
}

/** Tells what versions there are; undefined for a name that cannot be found. */
export type Catalogue = (name: string) => Promise<KnownPackage | undefined>;

/** The workspace's own packages first, all else from upstream, each name asked for once and a few at a time. */
export function createCatalogue(upstream: Pick<Upstream, "packument">, own: OwnPackages): Catalogue {
  const limit = createLimit(16);
  const asked = new Map<string, Promise<KnownPackage | undefined>>();
  return (name) => {
    const answer = asked.get(name) ?? describeOwn(own, name) ?? limit(() => askUpstream(upstream, name));
    asked.set(name, answer);
    return answer;
  };
}

function describeOwn(own: OwnPackages, name: string): Promise<KnownPackage> | undefined {
  const versions = own.versionsOf(name);
  if (versions === undefined) return undefined;
  const known = versions.map(({ version, integrity, manifest }): [string, KnownVersion] => [
    version,
    describeVersion(version, { ...(manifest as JsonObject), dist: { integrity } }),
  ]);
  const latest = own.released.find((entry) => entry.name === name) ?? versions.at(-1);
  return Promise.resolve({ tags: { latest: latest?.version ?? "" }, versions: new Map(known) });
}

async function askUpstream(upstream: Pick<Upstream, "packument">, name: string): Promise<KnownPackage | undefined> {
  // What cannot be read is unknown: floors then have a finding, and trees are resolved anew.
  const packument = await upstream.packument(name).catch(() => undefined);
  if (packument === undefined) return undefined;
  const versions = Object.entries(recordOf(packument["versions"])).map(
    ([version, manifest]): [string, KnownVersion] => [version, describeVersion(version, recordOf(manifest))],
  );
  return { tags: textsOf(packument["dist-tags"]), versions: new Map(versions) };
}

function describeVersion(version: string, manifest: JsonObject): KnownVersion {
  const { integrity = "", shasum = "" } = textsOf(manifest["dist"]);
  return {
    version,
    integrity: integrity === "" ? shasum : integrity,
    isDeprecated: typeof manifest["deprecated"] === "string" && manifest["deprecated"] !== "",
    engines: textsOf(manifest["engines"])["node"],
    dependencies: textsOf(manifest["dependencies"]),
    optionalDependencies: textsOf(manifest["optionalDependencies"]),
    peerDependencies: textsOf(manifest["peerDependencies"]),
  };
}

/** `sha256:<hex>` of a value as JSON. */
export function digestJson(value: unknown): string {
  return `sha256:${createHash("sha256").update(JSON.stringify(value)).digest("hex")}`;
}
