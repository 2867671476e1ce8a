import type ts from "typescript";
import type { ApiChange } from "../api-change.ts";

/** What consumers do with a type: read values that the package gives, or supply values that it takes. */
export type Use = "read" | "supply";

/** Where a comparison stands. */
export interface Place {
  /** For a person: `connect(options)`, `Options.timeout`. */
  where: string;
  use: Use;
  depth: number;
  /** Whether `undefined` is what the place itself adds, as optional members and parameters do. */
  isOptional?: boolean;
}

/** A type before and after. */
export interface TypePair {
  before: ts.Type;
  after: ts.Type;
}

/** The state of one comparison; a trial has one of its own. */
export interface TypeWalk {
  ts: typeof ts;
  checker: ts.TypeChecker;
  /** Whether a symbol is declared by the package, in either version, and not by what it depends on. */
  isOwn(symbol: ts.Symbol | undefined): boolean;
  changes: ApiChange[];
  /** Pairs that are compared already, or just now: a type may contain itself. */
  seen: Map<ts.Type, Map<ts.Type, Set<Use>>>;
  /** Type parameters that stand in the same place. */
  parameters: Map<ts.Type, ts.Type>;
  /** Whether the compiler may say "not assignable" of what is the same: a class with private members has one identity a copy. */
  nominal: { isFound: boolean };
  /** Compares a pair; given, because members, unions and signatures call each other. */
  compare(walk: TypeWalk, pair: TypePair, place: Place): void;
}

/** The other use: what a parameter is to a function. */
export function flip(use: Use): Use {
  return use === "read" ? "supply" : "read";
}

/** A place inside another. */
export function inside(place: Place, where: string, use: Use = place.use): Place {
  return { where, use, depth: place.depth + 1 };
}

/** A place that the value can be missing from. */
export function optional(place: Place, isOptional: boolean): Place {
  return isOptional ? { ...place, isOptional } : place;
}

/** Notes a change of declarations. */
export function note(walk: TypeWalk, change: Omit<ApiChange, "kind">): void {
  walk.changes.push({ kind: "declarations", ...change });
}

/** A comparison beside another, whose changes do not count yet. */
export function forkWalk(walk: TypeWalk): TypeWalk {
  const seen = new Map([...walk.seen].map(([type, others]) => [type, copyUses(others)]));
  return { ...walk, changes: [], seen };
}

function copyUses(others: ReadonlyMap<ts.Type, Set<Use>>): Map<ts.Type, Set<Use>> {
  return new Map([...others].map(([type, uses]) => [type, new Set(uses)]));
}

/** Whether a pair is new in this use; notes that it is seen. */
export function enterPair({ seen }: TypeWalk, { before, after }: TypePair, use: Use): boolean {
  const others = seen.get(before) ?? new Map<ts.Type, Set<Use>>();
  const uses = others.get(after) ?? new Set<Use>();
  if (uses.has(use)) return false;
  seen.set(before, others.set(after, uses.add(use)));
  return true;
}

const longestText = 200;

/** A type for a person, at most 200 characters. */
export function describeType({ checker, ts }: Pick<TypeWalk, "checker" | "ts">, type: ts.Type): string {
  return clip(checker.typeToString(type, undefined, ts.TypeFormatFlags.NoTruncation));
}

/** A text on one line, at most 200 characters. */
export function clip(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > longestText ? `${line.slice(0, longestText - 1)}…` : line;
}
