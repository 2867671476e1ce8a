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
  isOwn(symbol: ts.Symbol | undefined): boolean;
}

/** Reads what a module or namespace exports; namespaces are opened, because their members are the interface. */
export function readExports(options: Options, module: ts.Symbol): Map<string, ExportedName> {
  const names = new Map<string, ExportedName>();
  collect(options, module, { prefix: "", names, open: new Set() });
  return names;
}

interface Collection {
  prefix: string;
  names: Map<string, ExportedName>;
  /** Namespaces that are being opened: one may export itself. */
  open: Set<ts.Symbol>;
}

function collect(options: Options, container: ts.Symbol, { prefix, names, open }: Collection): void {
  const { ts, checker } = options;
  if (open.has(container)) return;
  open.add(container);
  for (const exported of exportsOf(options, container)) {
    const symbol = (exported.flags & ts.SymbolFlags.Alias) === 0 ? exported : checker.getAliasedSymbol(exported);
    const name = `${prefix}${exported.name}`;
    const { Value, Type, Namespace, ValueModule, NamespaceModule } = ts.SymbolFlags;
    const isNamespace = (symbol.flags & Namespace) !== 0 && (symbol.flags & (ValueModule | NamespaceModule)) !== 0;
    if (isNamespace && options.isOwn(symbol)) collect(options, symbol, { prefix: `${name}.`, names, open });
    const isType = (symbol.flags & Type) !== 0;
    const isValue = (symbol.flags & (Value & ~ValueModule)) !== 0 && !isTypeOnly(options, exported);
    if (isType || isValue || !isNamespace) names.set(name, { symbol, isValue, isType });
  }
  open.delete(container);
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
