import type { Observation } from "../create-gate.ts";
import { entryPaths, type PackedManifest } from "./packed-manifest.ts";
import { stemOf } from "./compare-files.ts";

/** A key of a manifest that says where a package begins, with its value before and after. */
export interface EntryChange {
  key: string;
  before?: string;
  after?: string;
}

/** Commands that a package must not put before the ones that everybody means. */
const commonCommands = new Set(
  "bash bun bunx cat cd chmod cp curl docker git gpg kill less ls make mkdir mv node npm npx pip pnpm pnpx ps python python3 rm scp sed sh ssh sudo tar touch tsc vi vim wget yarn zsh".split(
    " ",
  ),
);

/** Compares type, entry points, exports and bins of two manifests; ordered by key. */
export function compareEntries(manifest: PackedManifest, last: PackedManifest | undefined): EntryChange[] {
  if (last === undefined) return [];
  const [now, before] = [entriesOf(manifest), entriesOf(last)];
  return [...new Set([...now.keys(), ...before.keys()])].toSorted().flatMap((key): EntryChange[] => {
    const [old, fresh] = [before.get(key), now.get(key)];
    if (old === fresh) return [];
    return [{ key, ...(old === undefined ? {} : { before: old }), ...(fresh === undefined ? {} : { after: fresh }) }];
  });
}

/** By key: `type`, `main`, `exports ./sub`, `bin name`; a target is its paths. */
function entriesOf(manifest: PackedManifest): Map<string, string> {
  const entries = new Map<string, string>();
  for (const key of ["main", "module", "browser"]) {
    const paths = entryPaths({ [key]: manifest[key] });
    if (paths.length > 0) entries.set(key, paths.join(", "));
  }
  entries.set("type", manifest.type ?? "commonjs");
  for (const [subpath, target] of subpathsOf(manifest["exports"])) {
    entries.set(`exports ${subpath}`, entryPaths({ exports: target }).join(", "));
  }
  for (const [name, path] of binsOf(manifest)) entries.set(`bin ${name}`, path.replace(/^\.\//, ""));
  return entries;
}

function subpathsOf(map: unknown): [string, unknown][] {
  if (map === undefined) return [];
  const entries = typeof map === "object" && map !== null ? Object.entries(map) : [];
  return entries.some(([key]) => key.startsWith(".")) ? entries : [[".", map]];
}

function binsOf({ name, bin }: PackedManifest): [string, string][] {
  if (bin === undefined) return [];
  return typeof bin === "string" ? [[name.replace(/^@[^/]+\//, ""), bin]] : Object.entries(bin);
}

/** Finds bins that hide a common command, and, against the last release, new bins and entry points that moved. */
export function judgeEntries(manifest: PackedManifest, changes: readonly EntryChange[]): Observation[] {
  const shadows = binsOf(manifest).filter(([name]) => commonCommands.has(name));
  return [...shadows.map(([name]) => shadowing(name)), ...changes.flatMap((change) => judgeChange(change))];
}

function shadowing(name: string): Observation {
  return {
    rule: "bin-shadows",
    where: `package.json bin.${name}`,
    message: `The package has a bin named ${name}, which is a command that everybody knows.`,
    why: "Scripts of a consumer look into node_modules/.bin first: they would run this instead.",
    fix: "Give the bin a name of its own.",
    severity: "error",
  };
}

function judgeChange({ key, before, after }: EntryChange): Observation[] {
  if (after === undefined) return [];
  const where = `package.json ${key}`;
  if (before !== undefined && stemOf(before) !== stemOf(after)) {
    return [
      {
        rule: "entry-moved",
        where,
        message: `${key} was ${before} and is ${after}.`,
        why: "Whoever points an entry at another file has the package begin with code of theirs.",
        fix: "Nothing, if the change is meant: this is said so that somebody has seen it.",
        severity: "warning",
      },
    ];
  }
  if (before !== undefined || !key.startsWith("bin ")) return [];
  return [
    {
      rule: "bin-new",
      where,
      message: `The package has the new bin ${key.slice("bin ".length)} (${after}).`,
      why: "A bin is a command on every machine that installs the package.",
      fix: "Nothing, if the change is meant: this is said so that somebody has seen it.",
      severity: "warning",
    },
  ];
}
