import type ts from "typescript";
import type { ApiChange } from "../api-change.ts";
import { compareTypeParameters } from "./compare-type-parameters.ts";
import { compareTypes } from "./compare-types.ts";
import type { Roles } from "./find-roles.ts";
import type { ExportedName } from "./read-exports.ts";
import { clip, describeType, type Effort, note, outermost, type TypeWalk, type Use } from "./type-walk.ts";

/** What a comparison of modules needs. */
export interface ModuleOptions {
  ts: typeof ts;
  checker: ts.TypeChecker;
  isOwn: (symbol: ts.Symbol | undefined) => boolean;
  /** Put before each name: nothing for the main entry, the subpath for others. */
  prefix: string;
  /** Shared by the modules of a package. */
  effort: Effort;
  /** What the policy says of exported types, by name. */
  hints: ReadonlyMap<string, TypeHint>;
}

/** What the declarations do not tell of an exported type. */
export interface TypeHint {
  use?: Use | undefined;
  open: boolean;
}

const lone = { kind: "declarations" } as const;

/** An exported name before and after, with what is known of its module. */
export interface ExportPair {
  where: string;
  before: ExportedName;
  after: ExportedName | undefined;
  roles: Roles;
  expected: ReadonlySet<string>;
  /** What consumers do with a type, where the policy says it. */
  use: Use | undefined;
}

/** Compares one exported name as a value and as a type. */
export function compareExport(options: ModuleOptions, pair: ExportPair): ApiChange[] {
  const { where, before, after } = pair;
  if (after === undefined) {
    const reason = "Imports of the name stop compiling.";
    return [{ ...lone, where, change: "removed", before: textOf(before.symbol), bump: "major", reason }];
  }
  const lost = describeLoss(before, after);
  const texts = { before: textOf(before.symbol), after: textOf(after.symbol) };
  if (lost !== undefined) return [{ ...lone, where, change: "changed", ...texts, bump: "major", reason: lost }];
  const changes: ApiChange[] = [];
  if (after.isValue !== before.isValue || after.isType !== before.isType) {
    const reason = "The name is both a type and a value now.";
    changes.push({ ...lone, where, change: "widened", ...texts, bump: "minor", reason });
  }
  const symbols = { before: before.symbol, after: after.symbol };
  if (before.isValue) changes.push(...compareValues(startWalk(options, pair), where, symbols).changes);
  if (before.isType) {
    const uses = pair.use === undefined ? pair.roles.get(before.symbol) : new Set([pair.use]);
    changes.push(...compareDeclared(startWalk(options, pair), { where, ...symbols, uses }).changes);
  }
  return changes;
}

function describeLoss(before: ExportedName, after: ExportedName): string | undefined {
  if (before.isValue && !after.isValue) return "The name is only a type now; code that uses its value stops compiling.";
  if (before.isType && !after.isType) return "The name is only a value now; code that uses the type stops compiling.";
  return undefined;
}

interface SymbolPair {
  before: ts.Symbol;
  after: ts.Symbol;
}

function compareValues(walk: TypeWalk, where: string, { before, after }: SymbolPair): TypeWalk {
  const pair = { before: walk.checker.getTypeOfSymbol(before), after: walk.checker.getTypeOfSymbol(after) };
  compareClasses(walk, where, { before, after });
  walk.compare(walk, pair, outermost(where, "read"));
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

function compareDeclared(walk: TypeWalk, { where, before, after, uses }: Declared): TypeWalk {
  const { checker } = walk;
  const lists = { before: parametersOf(walk, before), after: parametersOf(walk, after) };
  compareTypeParameters(walk, lists, outermost(where, "supply"));
  const pair = { before: checker.getDeclaredTypeOfSymbol(before), after: checker.getDeclaredTypeOfSymbol(after) };
  for (const use of uses ?? (["read", "supply"] as const)) {
    walk.compare(walk, pair, outermost(where, use));
    if (lists.before.length === 0) askChecker(walk, { ...pair, where, use });
  }
  return walk;
}

function parametersOf({ ts, checker }: TypeWalk, symbol: ts.Symbol): ts.Type[] {
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
  if (walk.doubt.isRaised || walk.changes.some(({ bump }) => bump === "major")) return;
  const [from, to] = use === "read" ? [after, before] : [before, after];
  if (walk.checker.isTypeAssignableTo(from, to)) return;
  const texts = { before: describeType(walk, before), after: describeType(walk, after) };
  const reason = "The compiler does not take the one for the other, and no single member explains it.";
  note(walk, { where, change: "changed", ...texts, bump: "major", reason });
}

function startWalk(options: ModuleOptions, { expected }: ExportPair): TypeWalk {
  const { ts, checker, effort } = options;
  const isLarge = effort.left <= 0;
  return {
    ts,
    checker,
    isOwn: options.isOwn,
    changes: [],
    seen: isLarge ? effort.seen : { own: new Map() },
    parameters: { own: new Map() },
    // What another export led to is not looked at again, so that nothing is known of it here.
    doubt: { isRaised: isLarge },
    expected,
    effort,
    compare: compareTypes,
  };
}

/** The declaration of a name, for a person. */
export function textOf({ name, declarations }: ts.Symbol): string {
  return clip(declarations?.[0]?.getText() ?? name);
}
