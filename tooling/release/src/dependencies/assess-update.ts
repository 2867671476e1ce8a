import type { JsonObject } from "@hxp/release-gates";
import { diff, major } from "semver";
import { asObject } from "./as-object.ts";
import type { OutdatedDependency } from "./read-outdated.ts";

/** How much can be in a new version: `major` also for a minor of 0.x. */
type Bump = "patch" | "minor" | "major";

/** An update as it can be judged from the registry, before anything is installed. */
export interface Update extends OutdatedDependency {
  bump: Bump;
  /** Whole days since the new version was published; undefined where the registry does not say. */
  ageDays: number | undefined;
  provenance: "kept" | "gained" | "lost" | "none" | "unknown";
  /** Ids of known vulnerabilities that the present version has and the new one has not. */
  fixes: string[];
  /** What about the new version should make a person look, in words; empty when nothing does. */
  concerns: string[];
}

/** What {@link assessUpdate} takes beside the dependency. */
export interface AssessOptions {
  /** The registry's document; undefined where it has none. */
  packument: JsonObject | undefined;
  now: Date;
  /** A version younger than this is a concern, in days. */
  minimumAgeDays: number;
  /** Ids of known vulnerabilities that only the present version has. */
  fixes: readonly string[];
}

const day = 24 * 60 * 60 * 1000;
const installScripts = ["preinstall", "install", "postinstall"];

/** Says what is known about going from a dependency's present version to its newest. */
export function assessUpdate(dependency: OutdatedDependency, options: AssessOptions): Update {
  const { packument, now, minimumAgeDays, fixes } = options;
  const [from, to] = [readVersion(packument, dependency.current), readVersion(packument, dependency.latest)];
  const ageDays = ageOf(asObject(packument?.["time"])?.[dependency.latest], now);
  const provenance = compareProvenance(from, to);
  const concerns = [
    ...(to === undefined ? ["the registry does not describe this version"] : []),
    ...(ageDays !== undefined && ageDays < minimumAgeDays
      ? [`it is ${ageDays} days old, fewer than ${minimumAgeDays}`]
      : []),
    ...(provenance === "lost" ? ["it has no provenance, and the present version has"] : []),
    ...comparePublishers(packument, { from, to }),
    ...compareScripts(from, to),
    ...compareLicences(from, to),
    ...(typeof to?.["deprecated"] === "string" && to["deprecated"] !== ""
      ? [`it is deprecated: ${to["deprecated"]}`]
      : []),
  ];
  return { ...dependency, bump: bumpOf(dependency), ageDays, provenance, fixes: [...fixes], concerns };
}

function ageOf(published: unknown, now: Date): number | undefined {
  const time = typeof published === "string" ? Date.parse(published) : Number.NaN;
  return Number.isNaN(time) ? undefined : Math.floor((now.getTime() - time) / day);
}

function bumpOf({ current, latest }: OutdatedDependency): Bump {
  const difference = diff(current, latest) ?? "patch";
  if (difference.endsWith("major") || difference === "prerelease") return "major";
  if (difference.endsWith("minor")) return major(current) === 0 ? "major" : "minor";
  return "patch";
}

function readVersion(packument: JsonObject | undefined, version: string): JsonObject | undefined {
  const versions = asObject(packument?.["versions"]);
  return versions !== undefined && Object.hasOwn(versions, version) ? asObject(versions[version]) : undefined;
}

function compareProvenance(from: JsonObject | undefined, to: JsonObject | undefined): Update["provenance"] {
  const [old, present] = [asObject(from?.["dist"]), asObject(to?.["dist"])];
  // A registry that serves no signatures serves no attestations either: it does not tell.
  if (old?.["signatures"] === undefined || present?.["signatures"] === undefined) return "unknown";
  const [had, has] = [old, present].map((dist) => asObject(dist["attestations"]) !== undefined);
  if (had) return has ? "kept" : "lost";
  return has ? "gained" : "none";
}

/** Somebody who published no version before the new one is how a stolen name looks. */
function comparePublishers(
  packument: JsonObject | undefined,
  { from, to }: { from: JsonObject | undefined; to: JsonObject | undefined },
): string[] {
  const publisher = publisherOf(to);
  if (publisher === undefined || publisherOf(from) === undefined) return [];
  const others = Object.values(asObject(packument?.["versions"]) ?? {}).filter((version) => version !== to);
  const isKnown = others.some((version) => publisherOf(asObject(version)) === publisher);
  return isKnown ? [] : [`${publisher} has published no other version of it`];
}

function publisherOf(version: JsonObject | undefined): string | undefined {
  const name = asObject(version?.["_npmUser"])?.["name"];
  return typeof name === "string" ? name : undefined;
}

function compareScripts(from: JsonObject | undefined, to: JsonObject | undefined): string[] {
  const before = installScriptsOf(from);
  return installScriptsOf(to).flatMap((name) => (before.includes(name) ? [] : [`it runs a script at ${name}`]));
}

function installScriptsOf(version: JsonObject | undefined): string[] {
  const scripts = asObject(version?.["scripts"]) ?? {};
  return installScripts.filter((name) => Object.hasOwn(scripts, name));
}

function compareLicences(from: JsonObject | undefined, to: JsonObject | undefined): string[] {
  if (from === undefined || to === undefined) return [];
  const [before, after] = [from, to].map((version) =>
    JSON.stringify(version["license"] ?? version["licenses"] ?? null),
  );
  return before === after ? [] : [`its licence changes from ${before} to ${after}`];
}
