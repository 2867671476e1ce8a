import { posix } from "node:path";
import type typescript from "typescript";
import type {
  CompilerHost,
  CompilerOptions,
  Expression,
  SourceFile,
  Symbol as ModuleSymbol,
  TypeChecker,
} from "typescript";
import type { PackedFiles } from "./packed-files.ts";

type TypeScript = typeof typescript;

/** What a specifier such as `@acme/a/part` leads to in the packed package. */
export type ModuleExports =
  /** `isOpen`: it also passes on what cannot be seen here. */
  { kind: "module"; names: ReadonlySet<string>; isOpen: boolean } | { kind: "missing" };

const root = "/consumer";

/** Finds what a specifier exports. */
export type ReadExports = (specifier: string) => ModuleExports;

/**
 * Finds what packed packages export to whoever imports them on Node, by TypeScript's own resolution of their `exports`
 * and declarations, or their JavaScript where there are none. Nothing is written to disk or run.
 */
export function createExportsReader(ts: TypeScript, packages: ReadonlyMap<string, PackedFiles>): ReadExports {
  const options: CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ESNext,
    types: [],
    noLib: true,
    allowJs: true,
    maxNodeModuleJsDepth: 3,
    resolveJsonModule: true,
  };
  const files = new Map(consumerFiles(packages));
  const host = createHost(ts, files);
  let index = 0;
  return (specifier) => {
    // A name of its own: the host remembers what it has parsed.
    const entry = `${root}/entry-${(index += 1)}.mts`;
    files.set(entry, Buffer.from(`import * as module from ${JSON.stringify(specifier)};\n`));
    const program = ts.createProgram([entry], options, host);
    const checker = program.getTypeChecker();
    const imported = program.getSourceFile(entry)?.statements.find((statement) => ts.isImportDeclaration(statement));
    const symbol = imported && checker.getSymbolAtLocation(imported.moduleSpecifier);
    return symbol === undefined ? { kind: "missing" } : describe(ts, checker, symbol);
  };
}

function describe(ts: TypeScript, checker: TypeChecker, symbol: ModuleSymbol): ModuleExports {
  const names = new Set(checker.getExportsOfModule(symbol).map(({ name }) => name));
  // What CommonJS assigns as a whole can be imported as the default, and perhaps by name.
  const isAssigned = names.delete("export=");
  if (isAssigned) names.add("default");
  const files = filesOf(ts, checker, symbol);
  const isData = files.some(({ fileName }) => fileName.endsWith(".json"));
  if (isData) names.add("default");
  return {
    kind: "module",
    names,
    isOpen: isAssigned || files.length === 0 || files.some((file) => isOpen(ts, checker, file)),
  };
}

/** The file of a module, and those that it passes on as a whole. */
function filesOf(ts: TypeScript, checker: TypeChecker, symbol: ModuleSymbol): SourceFile[] {
  const symbols = new Set([symbol]);
  // A set visits what the loop adds.
  for (const next of symbols) {
    for (const file of sourcesOf(ts, next)) {
      for (const specifier of passedOn(ts, file)) {
        const target = checker.getSymbolAtLocation(specifier);
        if (target !== undefined) symbols.add(target);
      }
    }
  }
  return [...symbols].flatMap((each) => sourcesOf(ts, each));
}

/** Whether a file passes on another as a whole that cannot be read. */
function isOpen(ts: TypeScript, checker: TypeChecker, file: SourceFile): boolean {
  return passedOn(ts, file).some((specifier) => checker.getSymbolAtLocation(specifier) === undefined);
}

function sourcesOf(ts: TypeScript, symbol: ModuleSymbol): SourceFile[] {
  return (symbol.declarations ?? []).filter((declaration) => ts.isSourceFile(declaration));
}

/** What stands behind `export * from`. */
function passedOn(ts: TypeScript, file: SourceFile): Expression[] {
  return file.statements.flatMap((statement) =>
    ts.isExportDeclaration(statement) && statement.exportClause === undefined ? (statement.moduleSpecifier ?? []) : [],
  );
}

function consumerFiles(packages: ReadonlyMap<string, PackedFiles>): [string, Buffer][] {
  return [...packages].flatMap(([name, files]) =>
    [...files].map(([path, bytes]): [string, Buffer] => [posix.join(root, "node_modules", name, path), bytes]),
  );
}

function createHost(ts: TypeScript, files: ReadonlyMap<string, Buffer>): CompilerHost {
  const folders = new Set<string>();
  for (const path of files.keys()) {
    for (let folder = posix.dirname(path); !folders.has(folder); folder = posix.dirname(folder)) folders.add(folder);
  }
  const parsed = new Map<string, SourceFile>();
  const readFile = (path: string): string | undefined => files.get(path)?.toString("utf8");
  return {
    readFile,
    fileExists: (path) => files.has(path),
    directoryExists: (path) => folders.has(path.replace(/\/$/, "")),
    getDirectories: () => [],
    realpath: (path) => path,
    getSourceFile: (path, options) => {
      const text = readFile(path);
      const known = parsed.get(path);
      if (known !== undefined || text === undefined) return known;
      const file = ts.createSourceFile(path, text, options);
      parsed.set(path, file);
      return file;
    },
    getDefaultLibFileName: () => `${root}/lib.d.ts`,
    writeFile: () => {},
    getCurrentDirectory: () => root,
    getCanonicalFileName: (path) => path,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => "\n",
  };
}
