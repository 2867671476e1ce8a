import type ts from "typescript";

/** A name that consumers can import, or reach through a namespace as `space.name`. */
export interface ExportedName {
  /** What the name stands for in the end. */
  symbol: ts.Symbol;
  isValue: boolean;
  isType: boolean;
}

interface Options {
  ts: typeof ts;
  checker: ts.TypeChecker;
  isOwn: (symbol: ts.Symbol | undefined) => boolean;
}

/** Reads what a module or namespace exports; namespaces are opened, because their members are the interface. */
export function readExports(options: Options, module: ts.Symbol): Map<string, ExportedName> {
  const names = new Map<string, ExportedName>();
  collect(options, module, { prefix: "", names, open: new Set() });
  return names;
}

/** The export that a name leads to, through namespaces where it has dots. */
export function findExport(options: Options, module: ts.Symbol, name: string): ExportedName | undefined {
  const [first = "", ...rest] = name.split(".");
  const exported = exportsOf(options, module).find((symbol) => symbol.name === first);
  if (exported === undefined) return undefined;
  const found = describe(options, exported);
  return rest.length === 0 ? found : findExport(options, found.symbol, rest.join("."));
}

interface Collection {
  prefix: string;
  names: Map<string, ExportedName>;
  /** Namespaces that are opened already: one may have several names, or export itself. */
  open: Set<ts.Symbol>;
}

function collect(options: Options, container: ts.Symbol, { prefix, names, open }: Collection): void {
  if (open.has(container)) return;
  open.add(container);
  for (const exported of exportsOf(options, container)) {
    const found = describe(options, exported);
    const name = `${prefix}${exported.name}`;
    names.set(name, found);
    if (isNamespace(options, found.symbol)) collect(options, found.symbol, { prefix: `${name}.`, names, open });
  }
}

function describe(options: Options, exported: ts.Symbol): ExportedName {
  const { SymbolFlags } = options.ts;
  const isAlias = (exported.flags & SymbolFlags.Alias) !== 0;
  const symbol = isAlias ? options.checker.getAliasedSymbol(exported) : exported;
  const isType = (symbol.flags & SymbolFlags.Type) !== 0;
  const hasValue = (symbol.flags & (SymbolFlags.Value & ~SymbolFlags.ValueModule)) !== 0;
  return { symbol, isType, isValue: hasValue && !isTypeOnly(options, exported) };
}

function isNamespace({ ts, isOwn }: Options, symbol: ts.Symbol): boolean {
  return (symbol.flags & (ts.SymbolFlags.ValueModule | ts.SymbolFlags.NamespaceModule)) !== 0 && isOwn(symbol);
}

/** `export =` is a name of its own, beside what it makes importable. */
function exportsOf({ ts, checker }: Options, container: ts.Symbol): ts.Symbol[] {
  const assigned = container.exports?.get(ts.InternalSymbolName.ExportEquals);
  const exported = checker.getExportsOfModule(container);
  return assigned === undefined ? exported : [assigned, ...exported.filter((symbol) => symbol !== assigned)];
}

/** Whether some step of the way to a name was `export type` or `import type`, which hide its value. */
function isTypeOnly({ ts, checker }: Options, exported: ts.Symbol): boolean {
  const seen = new Set<ts.Symbol>();
  let symbol: ts.Symbol | undefined = exported;
  while (symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0 && !seen.has(symbol)) {
    seen.add(symbol);
    if ((symbol.declarations ?? []).some((node) => ts.isTypeOnlyImportOrExportDeclaration(node))) return true;
    symbol = checker.getImmediateAliasedSymbol(symbol);
  }
  return false;
}
