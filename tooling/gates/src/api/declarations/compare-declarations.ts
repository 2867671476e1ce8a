import ts from "typescript";
import type { ApiChange } from "../api-change.ts";
import { compareText } from "../../text/compare-text.ts";
import type { PackedPackage } from "../packed-package.ts";
import { compareModule } from "./compare-module.ts";
import { createProgram, sharedFolder, type SourceCache } from "./create-program.ts";
import { readExports } from "./read-exports.ts";
import { clip } from "./type-walk.ts";

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
  cache: SourceCache;
}

/** What was found out about declarations. */
export interface DeclarationsResult {
  changes: ApiChange[];
  /** How many files and exported names were looked at; names of files that are the same as before are not counted. */
  surface: { declarationFiles: number; exportedNames?: number };
  /** What could not be resolved, so that nothing is known of it. */
  unknown: { where: string; message: string }[];
}

/** Compares the declarations of all entries that have some, by the compiler. */
export function compareDeclarations(options: DeclarationsOptions): DeclarationsResult {
  const { before, after } = options;
  const declarationFiles = [...after.files.keys()].filter(isDeclaration).length;
  if (before !== undefined && options.earlier.length === 0 && printTokens(before) === printTokens(after)) {
    return { changes: [], surface: { declarationFiles }, unknown: [] };
  }
  const subpaths = { before: before === undefined ? [] : importableSubpaths(before), after: importableSubpaths(after) };
  const forced = new Set(options.earlier.map(({ name }) => name));
  const program = createProgram({
    files: new Map([
      ...(before === undefined ? [] : place("/before", before, subpaths.before)),
      ...place("/after", after, subpaths.after),
      ...options.shared.flatMap((item) => placeFiles(forced.has(item.name) ? "/after" : sharedFolder, item)),
      ...options.earlier.flatMap((item) => placeFiles("/before", item)),
    ]),
    roots: before === undefined ? ["/after/consumer.mts"] : ["/before/consumer.mts", "/after/consumer.mts"],
    folder: options.folder,
    cache: options.cache,
  });
  const { changes, exportedNames } = judge(program, subpaths, options);
  return { changes, surface: { declarationFiles, exportedNames }, unknown: findUnknown(program, after.name) };
}

function isDeclaration(path: string): boolean {
  return /\.d\.[cm]?ts$/.test(path);
}

/** All declarations of a package without white space and comments, and what resolves their imports. */
function printTokens({ manifest, files }: PackedPackage): string {
  const scanner = ts.createScanner(ts.ScriptTarget.ESNext, true);
  const texts = [...files]
    .filter(([path]) => isDeclaration(path))
    .map(([path, bytes]) => {
      scanner.setText(new TextDecoder().decode(bytes));
      const tokens = [path];
      while (scanner.scan() !== ts.SyntaxKind.EndOfFileToken) tokens.push(scanner.getTokenText());
      return tokens.join(" ");
    });
  const entries = JSON.stringify([manifest["exports"], manifest.type, manifest.types, manifest.typings]);
  return [entries, ...texts.toSorted()].join("\n");
}

interface Subpaths {
  before: readonly string[];
  after: readonly string[];
}

function judge(
  program: ts.Program,
  subpaths: Subpaths,
  { after: { name } }: DeclarationsOptions,
): { changes: ApiChange[]; exportedNames: number } {
  const checker = program.getTypeChecker();
  const [was, is] = [findModules(program, "/before"), findModules(program, "/after")];
  const changes: ApiChange[] = [];
  let exportedNames = 0;
  const common = { ts, checker, isOwn: (symbol: ts.Symbol | undefined) => isOwn(symbol) };
  for (const subpath of subpaths.after) {
    const module = is.get(subpath);
    if (module !== undefined) exportedNames += readExports(common, module).size;
  }
  for (const subpath of subpaths.before) {
    const [before, after] = [was.get(subpath), is.get(subpath)];
    if (before === undefined || !subpaths.after.includes(subpath)) continue;
    const where = subpath === "." ? name : subpath;
    if (after === undefined) {
      const reason = "The entry had types, and has none that can be found.";
      changes.push({ kind: "declarations", where, change: "removed", bump: "major", reason });
      continue;
    }
    const prefix = subpath === "." ? "" : `${subpath.slice(2)}: `;
    changes.push(...compareModule({ ...common, prefix }, { before, after }));
  }
  return { changes, exportedNames };
}

/** Subpaths that can be imported by name and are no data. */
function importableSubpaths({ subpaths }: PackedPackage): string[] {
  return subpaths.filter((subpath) => !/\.(json|css|wasm|node|md)$/.test(subpath));
}

function place(root: string, item: PackedPackage, subpaths: readonly string[]): [string, string][] {
  const imports = subpaths.map((subpath, index) => {
    return `import * as entry${index} from ${JSON.stringify(item.name + subpath.slice(1))};\nvoid entry${index};\n`;
  });
  return [[`${root}/consumer.mts`, imports.join("")], ...placeFiles(root, item)];
}

function placeFiles(root: string, { name, files }: PackedPackage): [string, string][] {
  return [...files].flatMap(([path, bytes]): [string, string][] => {
    if (!/(\.d\.[cm]?ts|\.d\.json\.ts|package\.json)$/.test(path)) return [];
    return [[`${root}/node_modules/${name}/${path}`, new TextDecoder().decode(bytes)]];
  });
}

/** The module behind each subpath that the consumer imports; none where it has no types. */
function findModules(program: ts.Program, root: string): Map<string, ts.Symbol> {
  const source = program.getSourceFile(`${root}/consumer.mts`);
  const modules = new Map<string, ts.Symbol>();
  for (const statement of source?.statements ?? []) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const symbol = program.getTypeChecker().getSymbolAtLocation(statement.moduleSpecifier);
    const parts = statement.moduleSpecifier.text.split("/");
    const rest = parts.slice(statement.moduleSpecifier.text.startsWith("@") ? 2 : 1);
    if (symbol !== undefined) modules.set([".", ...rest].join("/"), symbol);
  }
  return modules;
}

function isOwn(symbol: ts.Symbol | undefined): boolean {
  const file = symbol?.declarations?.[0]?.getSourceFile().fileName ?? "";
  return file.startsWith("/before/") || file.startsWith("/after/");
}

/** Diagnostics that say that a name, module or member was not found: types that depend on it are unknown. */
const unresolvedCodes = new Set([2304, 2305, 2306, 2307, 2318, 2503, 2552, 2580, 2591, 2614, 2688, 2694, 2724, 7016]);

function findUnknown(program: ts.Program, name: string): DeclarationsResult["unknown"] {
  const folders = ["/before", "/after"].map((root) => `${root}/node_modules/${name}/`);
  const own = program.getSourceFiles().filter(({ fileName }) => folders.some((folder) => fileName.startsWith(folder)));
  const found = own.flatMap((source) => [
    ...program.getSyntacticDiagnostics(source),
    ...program.getSemanticDiagnostics(source).filter(({ code }) => unresolvedCodes.has(code)),
  ]);
  const unknown = found.map(({ file, start, messageText }) => {
    const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start ?? 0).line + 1;
    const [, side = "", path = ""] = /^\/(before|after)\/node_modules\/(.*)$/.exec(file?.fileName ?? "") ?? [];
    const release = side === "before" ? "of the last release" : "of this release";
    const text = ts.flattenDiagnosticMessageText(messageText, " ");
    return { where: `${path}:${line}`, message: clip(`${path}:${line} ${release}: ${text}`) };
  });
  const byMessage = new Map(unknown.map((entry) => [entry.message, entry]));
  return [...byMessage.values()].toSorted((a, b) => compareText(a.message, b.message));
}
