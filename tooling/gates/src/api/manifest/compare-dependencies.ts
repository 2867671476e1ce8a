import { intersects, validRange } from "semver";
import type { ApiChange } from "../api-change.ts";
import type { PackedPackage } from "../packed-package.ts";

/**
 * Dependencies whose types stand in the declarations and that no version satisfies before and after: consumers who use
 * them, too, get two of them, or must move with the package. `compared` names those whose types are compared instead.
 */
export function compareDependencies(
  before: PackedPackage,
  after: PackedPackage,
  compared: ReadonlySet<string>,
): ApiChange[] {
  const [was, is] = [before.manifest.dependencies ?? {}, after.manifest.dependencies ?? {}];
  const used = importedPackages(after);
  return [...importedPackages(before)].toSorted().flatMap((name): ApiChange[] => {
    const [range, next] = [was[name], is[name]];
    if (range === undefined || next === undefined || !used.has(name) || compared.has(name)) return [];
    if (validRange(range) === null || validRange(next) === null || intersects(range, next)) return [];
    const reason = `The declarations have types of ${name}, and no version of it satisfies both ranges.`;
    const where = `dependencies.${name}`;
    return [{ kind: "dependency", where, change: "changed", before: range, after: next, bump: "major", reason }];
  });
}

/** Packages that declarations import. */
function importedPackages({ files }: PackedPackage): Set<string> {
  const names = new Set<string>();
  for (const [path, bytes] of files) {
    if (!/\.d\.[cm]?ts$/.test(path)) continue;
    const text = new TextDecoder().decode(bytes);
    for (const [, specifier = ""] of text.matchAll(/(?:from|import|require\()\s*\(?["']([^"'.][^"']*)["']/g)) {
      const [scope = "", name = ""] = specifier.split("/");
      names.add(scope.startsWith("@") ? `${scope}/${name}` : scope);
    }
  }
  return names;
}
