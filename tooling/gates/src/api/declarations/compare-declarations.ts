import ts from "typescript";
import type { ApiChange } from "../api-change.ts";
import type { PackedPackage } from "../packed-package.ts";
import { compareGlobals, printTokens } from "./compare-globals.ts";
import type { TypeHint } from "./compare-export.ts";
import { compareModule } from "./compare-module.ts";
import { consumersOf, findModules, placeConsumer, requireEnding } from "./consumer-modules.ts";
import { createProgram, sharedFolder, type SourceCache } from "./create-program.ts";
import { findUndeclared, findUnresolved, haveSameCode, isDeclared, type Unknown } from "./find-unknown.ts";
import { isDeclaration, placePackage } from "./place-package.ts";
import { readExports } from "./read-exports.ts";
import { createEffort, type Effort, isExhausted } from "./type-walk.ts";

/** What {@link compareDeclarations} takes. */
export interface DeclarationsOptions {
  /** Undefined for a first release, of which the names are counted. */
  before: PackedPackage | undefined;
  after: PackedPackage;
  /** Packages of this release that the declarations may import; both sides see them. */
  shared: readonly PackedPackage[];
  /** The last releases of those that the old declarations do not allow in their new version: each side sees its own. */
  earlier: readonly PackedPackage[];
  /** Absolute folder of the package in the workspace, with its node_modules. */
  folder: string;
  /** Absolute folder whose `node_modules` may still have what only the last release depended on. */
  earlierFolder: string;
  cache: SourceCache;
  /** What the policy says of exported types, by name. */
  hints: ReadonlyMap<string, TypeHint>;
}

/** What was found out about declarations. */
export interface DeclarationsResult {
  changes: ApiChange[];
  /** How many files and exported names were looked at; names of files that are the same as before are not counted. */
  surface: { declarationFiles: number; exportedNames?: number };
  /** What could not be resolved, so that nothing is known of it. */
  unknown: Unknown[];
  /** Whether the types were too many to compare them all. */
  isIncomplete: boolean;
}

/** Compares the declarations of all entries that have some, by the compiler. */
export function compareDeclarations(options: DeclarationsOptions): DeclarationsResult {
  const { before, after } = options;
  const declarationFiles = [...after.files.keys()].filter(isDeclaration).length;
  if (before !== undefined && options.earlier.length === 0 && isUnchanged(before, after)) {
    return { changes: [], surface: { declarationFiles }, unknown: [], isIncomplete: false };
  }
  const program = createProgram({
    files: placeFiles(options),
    roots: [...(before === undefined ? [] : consumersOf("/before")), ...consumersOf("/after")],
    folder: options.folder,
    earlierFolder: options.earlierFolder,
    cache: options.cache,
  });
  const modules = { before: findModules(program, "/before"), after: findModules(program, "/after") };
  const effort = createEffort();
  const changes = compareModules(program, modules, { ...options, effort });
  return {
    changes: [...changes, ...(before === undefined ? [] : compareGlobals(program, after.name))],
    surface: { declarationFiles, exportedNames: countNames(program, modules.after) },
    isIncomplete: isExhausted(effort),
    unknown: [...findAllUndeclared(options, modules), ...findUnresolved(program, after.name)],
  };
}

/** What has no declarations in either release; an entry that is gone is a change, whatever it exported. */
function findAllUndeclared({ before, after }: DeclarationsOptions, modules: ModulePair): Unknown[] {
  const now = findUndeclared(after, modules.after, "this");
  if (before === undefined) return now;
  const kept = findUndeclared(before, modules.before, "the last").filter(({ where }) => after.subpaths.includes(where));
  return [...kept, ...now];
}

function placeFiles({ before, after, shared, earlier }: DeclarationsOptions): Map<string, string> {
  const forced = new Set(earlier.map(({ name }) => name));
  return new Map([
    ...(before === undefined ? [] : placeConsumer("/before", before)),
    ...placeConsumer("/after", after),
    ...shared.flatMap((item) => placePackage(forced.has(item.name) ? "/after" : sharedFolder, item)),
    ...earlier.flatMap((item) => placePackage("/before", item)),
  ]);
}

/** Whether nothing that the compiler would read is another, and no code without declarations either. */
function isUnchanged(before: PackedPackage, after: PackedPackage): boolean {
  return printPackage(before) === printPackage(after) && (isDeclared(after) || haveSameCode(before, after));
}

/** All declarations of a package, and what leads to them. */
function printPackage({ manifest, files }: PackedPackage): string {
  const texts = [...files]
    .filter(([path]) => isDeclaration(path))
    .map(([path, bytes]) => `${path} ${printTokens(new TextDecoder().decode(bytes))}`);
  const entries = JSON.stringify([manifest["exports"], manifest.type, manifest.types, manifest.typings]);
  return [entries, ...texts.toSorted()].join("\n");
}

type Modules = ReadonlyMap<string, ts.Symbol>;

interface ModulePair {
  before: Modules;
  after: Modules;
}

function compareModules(
  program: ts.Program,
  modules: ModulePair,
  { after: { subpaths, name }, hints, effort }: DeclarationsOptions & { effort: Effort },
): ApiChange[] {
  return [...modules.before].flatMap(([key, before]): ApiChange[] => {
    const subpath = key.replace(requireEnding, "");
    // That the subpath is gone is a change of the exports map.
    if (!subpaths.includes(subpath)) return [];
    const after = modules.after.get(key) ?? modules.after.get(subpath);
    if (after === undefined) {
      const where = subpath === "." ? name : subpath;
      const reason = "The entry had declarations, and has none that can be found.";
      return [{ kind: "declarations", where, change: "removed", bump: "major", reason }];
    }
    const prefix = key === "." ? "" : `${key.replace(/^\.\/?/, "").trim()}: `;
    return compareModule({ ...makeOptions(program), prefix, effort, hints }, { before, after });
  });
}

function countNames(program: ts.Program, modules: Modules): number {
  const options = makeOptions(program);
  return [...modules.values()].reduce((sum, module) => sum + readExports(options, module).size, 0);
}

function makeOptions(program: ts.Program) {
  return { ts, checker: program.getTypeChecker(), isOwn };
}

function isOwn(symbol: ts.Symbol | undefined): boolean {
  const file = symbol?.declarations?.[0]?.getSourceFile().fileName ?? "";
  return file.startsWith("/before/") || file.startsWith("/after/");
}
