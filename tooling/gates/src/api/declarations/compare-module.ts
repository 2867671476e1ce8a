import type ts from "typescript";
import type { ApiChange } from "../api-change.ts";
import { compareTypeParameters } from "./compare-type-parameters.ts";
import { compareTypes } from "./compare-types.ts";
import { type ExportedName, readExports } from "./read-exports.ts";
import { findRoles, type Roles } from "./find-roles.ts";
import { clip, describeType, note, type TypeWalk, type Use } from "./type-walk.ts";

/** What a comparison of modules needs. */
export interface ModuleOptions {
  ts: typeof ts;
  checker: ts.TypeChecker;
  isOwn(symbol: ts.Symbol | undefined): boolean;
  /** Put before each name: `` for the main entry, `subpath/` for others. */
  prefix: string;
}

/** Compares what a module exports before and after, name by name. */
export function compareModule(
  options: ModuleOptions,
  { before, after }: { before: ts.Symbol; after: ts.Symbol },
): ApiChange[] {
  const [was, is] = [readExports(options, before), readExports(options, after)];
  const roles = findRoles(options, {
    values: [...was.values()].filter(({ isValue }) => isValue).map(({ symbol }) => symbol),
    types: [...was.values()].filter(({ isType }) => isType).map(({ symbol }) => symbol),
  });
  const changes = [...was].flatMap(([name, exported]) =>
    compareExport(options, { where: `${options.prefix}${name}`, before: exported, after: is.get(name), roles }),
  );
  for (const [name, { symbol }] of is) {
    if (was.has(name)) continue;
    const where = `${options.prefix}${name}`;
    changes.push({ ...lone, where, change: "added", after: textOf(symbol), bump: "minor", reason: "A new export." });
  }
  return changes;
}

const lone = { kind: "declarations" } as const;

interface ExportPair {
  where: string;
  before: ExportedName;
  after: ExportedName | undefined;
  roles: Roles;
}

function compareExport(options: ModuleOptions, { where, before, after, roles }: ExportPair): ApiChange[] {
  const text = textOf(before.symbol);
  if (after === undefined) {
    const reason = "Imports of the name stop compiling.";
    return [{ ...lone, where, change: "removed", before: text, bump: "major", reason }];
  }
  const lost = (reason: string): ApiChange[] => [
    { ...lone, where, change: "changed", before: text, after: textOf(after.symbol), bump: "major", reason },
  ];
  if (before.isValue && !after.isValue)
    return lost("The name is only a type now; code that uses its value stops compiling.");
  if (before.isType && !after.isType)
    return lost("The name is only a value now; code that uses it as a type stops compiling.");
  const gained = (after.isValue && !before.isValue) || (after.isType && !before.isType);
  const changes: ApiChange[] = gained
    ? [
        {
          ...lone,
          where,
          change: "widened",
          before: text,
          after: textOf(after.symbol),
          bump: "minor",
          reason: "The name is both a type and a value now.",
        },
      ]
    : [];
  const walks: TypeWalk[] = [];
  if (before.isValue) walks.push(compareValues(options, where, { before: before.symbol, after: after.symbol }));
  if (before.isType) {
    walks.push(
      compareDeclared(options, { where, before: before.symbol, after: after.symbol, uses: roles.get(before.symbol) }),
    );
  }
  return [...changes, ...walks.flatMap((walk) => walk.changes)];
}

interface SymbolPair {
  before: ts.Symbol;
  after: ts.Symbol;
}

function compareValues(options: ModuleOptions, where: string, { before, after }: SymbolPair): TypeWalk {
  const walk = startWalk(options);
  const pair = { before: options.checker.getTypeOfSymbol(before), after: options.checker.getTypeOfSymbol(after) };
  compareClasses(walk, where, { before, after });
  walk.compare(walk, pair, { where, use: "read", depth: 0 });
  askChecker(walk, { ...pair, where, use: "read" });
  return walk;
}

/** What a class says of itself beside its members. */
function compareClasses(walk: TypeWalk, where: string, { before, after }: SymbolPair): void {
  const modifiers = (symbol: ts.Symbol): string => {
    const declaration = symbol.declarations?.find(walk.ts.isClassDeclaration);
    if (declaration === undefined) return "";
    const isAbstract = (walk.ts.getCombinedModifierFlags(declaration) & walk.ts.ModifierFlags.Abstract) !== 0;
    const visibility = declaration.members.filter(walk.ts.isConstructorDeclaration).map((member) => {
      const flags = walk.ts.getCombinedModifierFlags(member);
      const { Private, Protected } = walk.ts.ModifierFlags;
      return (flags & Private) !== 0 ? "private constructor" : (flags & Protected) !== 0 ? "protected constructor" : "";
    });
    return [isAbstract ? "abstract" : "", ...new Set(visibility)].filter((text) => text !== "").join(", ");
  };
  const [was, is] = [modifiers(before), modifiers(after)];
  if (was === is) return;
  const isOpener = is === "" || (was.includes("private") && is.includes("protected"));
  const reason = isOpener
    ? "The class can be used in more ways."
    : "The class can no longer be made or derived from as it was.";
  const change = isOpener ? "widened" : "narrowed";
  note(walk, { where, change, before: was, after: is, bump: isOpener ? "minor" : "major", reason });
}

interface Declared extends SymbolPair {
  where: string;
  uses: ReadonlySet<Use> | undefined;
}

function compareDeclared(options: ModuleOptions, { where, before, after, uses }: Declared): TypeWalk {
  const { checker } = options;
  const walk = startWalk(options);
  const lists = { before: parametersOf(options, before), after: parametersOf(options, after) };
  compareTypeParameters(walk, lists, { where, use: "supply", depth: 0 });
  const pair = { before: checker.getDeclaredTypeOfSymbol(before), after: checker.getDeclaredTypeOfSymbol(after) };
  for (const use of uses ?? (["read", "supply"] as const)) {
    walk.compare(walk, pair, { where, use, depth: 0 });
    if (lists.before.length === 0) askChecker(walk, { ...pair, where, use });
  }
  return walk;
}

function parametersOf({ ts, checker }: ModuleOptions, symbol: ts.Symbol): ts.Type[] {
  const declarations = symbol.declarations ?? [];
  const declaration = declarations.find(
    (node) => ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isClassDeclaration(node),
  ) as ts.InterfaceDeclaration | undefined;
  return (declaration?.typeParameters ?? []).map((node) => checker.getTypeAtLocation(node));
}

/**
 * The compiler's own word on the whole: where it refuses what no member explains, it is right. It is not asked where it
 * takes two copies of one thing for two things.
 */
function askChecker(
  walk: TypeWalk,
  { before, after, where, use }: { before: ts.Type; after: ts.Type; where: string; use: Use },
): void {
  if (walk.nominal.isFound || walk.changes.some(({ bump }) => bump === "major")) return;
  const [from, to] = use === "read" ? [after, before] : [before, after];
  if (walk.checker.isTypeAssignableTo(from, to)) return;
  const texts = { before: describeType(walk, before), after: describeType(walk, after) };
  const reason = "The compiler does not take the one for the other, and no single member explains it.";
  note(walk, { where, change: "changed", ...texts, bump: "major", reason });
}

function startWalk(options: ModuleOptions): TypeWalk {
  return {
    ts: options.ts,
    checker: options.checker,
    isOwn: (symbol) => options.isOwn(symbol),
    changes: [],
    seen: new Map(),
    parameters: new Map(),
    nominal: { isFound: false },
    compare: compareTypes,
  };
}

function textOf({ name, declarations }: ts.Symbol): string {
  return clip(declarations?.[0]?.getText() ?? name);
}
