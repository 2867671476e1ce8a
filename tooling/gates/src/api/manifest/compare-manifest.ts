import type { ApiChange } from "../api-change.ts";
import type { PackedManifest } from "../../contents/packed-manifest.ts";
import type { PackedPackage } from "../packed-package.ts";
import { compareExports } from "./compare-exports.ts";
import { comparePeers } from "./compare-peers.ts";
import { compareEngines } from "./compare-ranges.ts";

/** Compares what two manifests promise: entries, bins, engines, platforms, peers, side effects. */
export function compareManifest(before: PackedPackage, after: PackedPackage): ApiChange[] {
  const [was, is] = [before.manifest, after.manifest];
  return [
    ...compareExports({ before, after }),
    ...compareBins(binsOf(was), binsOf(is)),
    ...compareEngines(was.engines ?? {}, is.engines ?? {}),
    ...["os", "cpu", "libc"].flatMap((key) => comparePlatforms(key, listOf(was[key]), listOf(is[key]))),
    ...comparePeers(was, is),
    ...compareSideEffects(was, is),
  ];
}

/** Names of a package's programs with their files. */
export function binsOf({ name, bin }: PackedManifest): ReadonlyMap<string, string> {
  if (bin === undefined) return new Map();
  if (typeof bin === "string") return new Map([[name.replace(/^@[^/]+\//, ""), bin]]);
  return new Map(Object.entries(bin));
}

function compareBins(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): ApiChange[] {
  const removed = [...before]
    .filter(([name]) => !after.has(name))
    .map(([name, file]): ApiChange => {
      const reason = "The program is no longer installed under this name.";
      return { kind: "bin", where: `bin.${name}`, change: "removed", before: file, bump: "major", reason };
    });
  const added = [...after]
    .filter(([name]) => !before.has(name))
    .map(([name, file]): ApiChange => {
      return {
        kind: "bin",
        where: `bin.${name}`,
        change: "added",
        after: file,
        bump: "minor",
        reason: "A new program.",
      };
    });
  return [...removed, ...added];
}

/** Compares `os`, `cpu` or `libc`: a list of what is allowed, or with `!` of what is not; none allows all. */
function comparePlatforms(key: string, before: readonly string[], after: readonly string[]): ApiChange[] {
  const names = [...new Set([...before, ...after].map((name) => name.replace(/^!/, ""))), "any other"];
  const lost = names.filter((name) => isAllowed(before, name) && !isAllowed(after, name));
  const gained = names.filter((name) => !isAllowed(before, name) && isAllowed(after, name));
  const texts = { before: before.join(", ") || "any", after: after.join(", ") || "any" };
  if (lost.length > 0) {
    const reason = `The package can no longer be installed on ${lost.join(", ")}.`;
    return [{ kind: "platform", where: key, change: "narrowed", ...texts, bump: "major", reason }];
  }
  if (gained.length === 0) return [];
  const reason = `The package can be installed on ${gained.join(", ")}, too.`;
  return [{ kind: "platform", where: key, change: "widened", ...texts, bump: "minor", reason }];
}

function isAllowed(list: readonly string[], name: string): boolean {
  const positive = list.filter((item) => !item.startsWith("!"));
  if (list.includes(`!${name}`)) return false;
  return positive.length === 0 || positive.includes(name) || positive.includes("any");
}

function compareSideEffects(before: PackedManifest, after: PackedManifest): ApiChange[] {
  const [was, is] = [before, after].map((manifest) => JSON.stringify(manifest["sideEffects"] ?? true));
  if (was === undefined || is === undefined || was === is) return [];
  const reason = "Bundlers keep or leave out other modules that are imported for their effects alone.";
  return [{ kind: "exports", where: "sideEffects", change: "changed", before: was, after: is, bump: "patch", reason }];
}

function listOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
