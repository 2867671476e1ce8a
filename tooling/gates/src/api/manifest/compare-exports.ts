import type { ApiChange } from "../api-change.ts";
import type { PackedPackage } from "../packed-package.ts";
import { conditionsOf, readExportsMap, resolveTarget, targetOf } from "./list-subpaths.ts";

const ways = [
  { way: "import", conditions: new Set(["node", "import", "module-sync"]) },
  { way: "require", conditions: new Set(["node", "require", "module-sync"]) },
] as const;

/** Conditions whose absence shows in what import and require resolve to, or in the declarations. */
const standardConditions = new Set(["node", "import", "require", "default", "types", "module-sync", "node-addons"]);

interface Pair {
  before: PackedPackage;
  after: PackedPackage;
}

/** Compares what can be imported and required, by which path, and as which kind of module. */
export function compareExports({ before, after }: Pair): ApiChange[] {
  const [was, is] = [new Set(before.subpaths), new Set(after.subpaths)];
  const changes: ApiChange[] = compareEncapsulation({ before, after });
  for (const subpath of before.subpaths) {
    if (is.has(subpath)) changes.push(...compareSubpath(subpath, { before, after }));
    else {
      const reason = `\`${before.name}${subpath.slice(1)}\` can no longer be imported.`;
      changes.push(
        change({ where: subpath, change: "removed", ...textsOf(subpath, { before }), bump: "major", reason }),
      );
    }
  }
  for (const subpath of after.subpaths.filter((path) => !was.has(path))) {
    const reason = `\`${after.name}${subpath.slice(1)}\` can be imported, too.`;
    changes.push(change({ where: subpath, change: "added", ...textsOf(subpath, { after }), bump: "minor", reason }));
  }
  return changes;
}

/** Without an exports map, every file is a subpath. */
function compareEncapsulation({ before, after }: Pair): ApiChange[] {
  const [was, is] = [readExportsMap(before.manifest), readExportsMap(after.manifest)];
  if (was !== undefined || is === undefined || is.has("./*")) return [];
  const reason = "Every file could be imported by its path; with an exports map, only what it names can.";
  return [change({ where: "exports", change: "added", after: [...is.keys()].join(", "), bump: "major", reason })];
}

function compareSubpath(subpath: string, pair: Pair): ApiChange[] {
  const changes = ways.flatMap(({ way, conditions }) => compareWay(subpath, way, { pair, conditions }));
  const [was, is] = [targetOf(pair.before, subpath), targetOf(pair.after, subpath)];
  const left = new Set(conditionsOf(is));
  const lost = [...new Set(conditionsOf(was))].filter((name) => !standardConditions.has(name) && !left.has(name));
  const added = [...left].filter((name) => !standardConditions.has(name) && !conditionsOf(was).includes(name));
  const texts = textsOf(subpath, pair);
  for (const name of lost) {
    const reason = `Who resolves with the condition \`${name}\` gets another module.`;
    changes.push(change({ where: `${subpath} (${name})`, change: "removed", ...texts, bump: "major", reason }));
  }
  for (const name of added) {
    const reason = `Who resolves with the condition \`${name}\` gets a module of its own.`;
    changes.push(change({ where: `${subpath} (${name})`, change: "added", ...texts, bump: "minor", reason }));
  }
  return changes;
}

interface Way {
  pair: Pair;
  conditions: ReadonlySet<string>;
}

function compareWay(subpath: string, way: string, { pair, conditions }: Way): ApiChange[] {
  const resolve = (item: PackedPackage): string | undefined => resolveTarget(targetOf(item, subpath), conditions);
  const [was, is] = [resolve(pair.before), resolve(pair.after)];
  const where = `${subpath} (${way})`;
  const texts = textsOf(subpath, pair);
  if (was === undefined && is === undefined) return [];
  if (was === undefined) {
    return [change({ where, change: "added", ...texts, bump: "minor", reason: `The subpath works by ${way}, too.` })];
  }
  if (is === undefined) {
    return [
      change({ where, change: "removed", ...texts, bump: "major", reason: `The subpath no longer works by ${way}.` }),
    ];
  }
  const [format, next] = [formatOf(pair.before, was), formatOf(pair.after, is)];
  if (format === next) return [];
  const reason = `By ${way}, consumers got ${format} and get ${next}.`;
  return [change({ where, change: "changed", before: was, after: is, bump: "major", reason })];
}

function formatOf({ manifest }: PackedPackage, path: string): string {
  if (path.endsWith(".mjs")) return "an ES module";
  if (path.endsWith(".cjs")) return "a CommonJS module";
  if (path.endsWith(".js")) return manifest.type === "module" ? "an ES module" : "a CommonJS module";
  return `a file ${path.slice(path.lastIndexOf("."))}`;
}

function textsOf(subpath: string, { before, after }: Partial<Pair>): Pick<ApiChange, "before" | "after"> {
  const print = (item: PackedPackage): string => JSON.stringify(targetOf(item, subpath) ?? null);
  return {
    ...(before === undefined ? {} : { before: print(before) }),
    ...(after === undefined ? {} : { after: print(after) }),
  };
}

function change(facts: Omit<ApiChange, "kind">): ApiChange {
  return { kind: "exports", ...facts };
}
