import type ts from "typescript";
import { flip, type Use } from "./type-walk.ts";

/** How consumers use each type: by the positions in which values that the package exports mention it. */
export type Roles = ReadonlyMap<ts.Symbol, ReadonlySet<Use>>;

interface Search {
  ts: typeof ts;
  checker: ts.TypeChecker;
  isOwn: (symbol: ts.Symbol | undefined) => boolean;
  roles: Map<ts.Symbol, Set<Use>>;
  queue: { symbol: ts.Symbol; use: Use }[];
}

/**
 * Finds the roles of types: what functions take is supplied, what they give is read, a callback turns both round. A type
 * that no value leads to can be used in both ways.
 */
export function findRoles(
  options: Pick<Search, "ts" | "checker" | "isOwn">,
  exported: { values: readonly ts.Symbol[]; types: readonly ts.Symbol[] },
): Roles {
  const search: Search = { ...options, roles: new Map(), queue: [] };
  for (const symbol of exported.values) visitDeclarations(search, symbol, "read");
  drain(search);
  for (const symbol of exported.types.filter((type) => !search.roles.has(type))) {
    mark(search, symbol, "read");
    mark(search, symbol, "supply");
    drain(search);
  }
  return search.roles;
}

function drain(search: Search): void {
  for (let next = search.queue.pop(); next !== undefined; next = search.queue.pop()) {
    visitDeclarations(search, next.symbol, next.use);
  }
}

function mark(search: Search, symbol: ts.Symbol, use: Use): void {
  if (!search.isOwn(symbol)) return;
  // Instances of a class come from the package, wherever consumers hand them in again.
  const isClass = (symbol.flags & search.ts.SymbolFlags.Class) !== 0;
  const role = isClass ? "read" : use;
  const uses = search.roles.get(symbol) ?? new Set<Use>();
  if (uses.has(role)) return;
  search.roles.set(symbol, uses.add(role));
  search.queue.push({ symbol, use: role });
}

function visitDeclarations(search: Search, symbol: ts.Symbol, use: Use): void {
  for (const declaration of symbol.declarations ?? []) {
    if (!search.ts.isModuleDeclaration(declaration) && !search.ts.isSourceFile(declaration))
      visit(search, declaration, use);
  }
}

/** Goes through a declaration or type; parameters are used the other way round than what they belong to. */
function visit(search: Search, node: ts.Node, use: Use): void {
  const { ts } = search;
  if (ts.isParameter(node) || ts.isTypeParameterDeclaration(node)) {
    visitChildren(search, node, flip(use));
  } else if (ts.isTypeReferenceNode(node)) {
    visitReference(search, { name: node.typeName, typeArguments: node.typeArguments }, use);
  } else if (ts.isExpressionWithTypeArguments(node)) {
    visitReference(search, { name: node.expression, typeArguments: node.typeArguments }, use);
  } else if (ts.isTypeQueryNode(node)) {
    visitReference(search, { name: node.exprName, typeArguments: node.typeArguments }, use);
  } else if (ts.isImportTypeNode(node)) {
    visitReference(search, { name: node.qualifier ?? node, typeArguments: node.typeArguments }, use);
  } else {
    visitChildren(search, node, use);
  }
}

function visitChildren(search: Search, node: ts.Node, use: Use): void {
  search.ts.forEachChild(node, (child) => visit(search, child, use));
}

interface Reference {
  name: ts.Node;
  typeArguments: ts.NodeArray<ts.TypeNode> | undefined;
}

function visitReference(search: Search, { name, typeArguments }: Reference, use: Use): void {
  const symbol = resolve(search, name);
  if (symbol !== undefined) mark(search, symbol, use);
  for (const [index, argument] of (typeArguments ?? []).entries()) {
    const uses =
      symbol !== undefined && search.isOwn(symbol) ? usesOfParameter(search, symbol, index) : new Set<Use>(["read"]);
    for (const inner of uses) visit(search, argument, inner === "read" ? use : flip(use));
  }
}

/** In which directions a generic declaration of the package uses one of its parameters; in both where it cannot be told. */
function usesOfParameter(search: Search, symbol: ts.Symbol, index: number): ReadonlySet<Use> {
  const both = new Set<Use>(["read", "supply"]);
  const declaration = symbol.declarations?.find((node) => "typeParameters" in node) as
    | ts.TypeAliasDeclaration
    | undefined;
  const parameter = declaration?.typeParameters?.[index];
  if (declaration === undefined || parameter === undefined) return both;
  const wanted = search.checker.getSymbolAtLocation(parameter.name);
  if (wanted === undefined) return both;
  const found = new Set<Use>();
  collectUses(search, declaration, { wanted, use: "read", found });
  return found.size === 0 ? both : found;
}

interface Wanted {
  wanted: ts.Symbol;
  use: Use;
  found: Set<Use>;
}

/** Arguments of other references count as they stand, because a declaration may name itself. */
function collectUses(search: Search, node: ts.Node, { wanted, use, found }: Wanted): void {
  const { ts, checker } = search;
  if (ts.isTypeReferenceNode(node) && checker.getSymbolAtLocation(node.typeName) === wanted) found.add(use);
  const inner = ts.isParameter(node) ? flip(use) : use;
  ts.forEachChild(node, (child) => collectUses(search, child, { wanted, use: inner, found }));
}

function resolve({ ts, checker }: Search, name: ts.Node): ts.Symbol | undefined {
  const symbol = checker.getSymbolAtLocation(name);
  const isAlias = symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0;
  return isAlias ? checker.getAliasedSymbol(symbol) : symbol;
}
