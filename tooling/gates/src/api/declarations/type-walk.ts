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
  /** Generic declarations that are being compared on the way here. */
  open: readonly object[];
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
  isOwn: (symbol: ts.Symbol | undefined) => boolean;
  changes: ApiChange[];
  /** Pairs that are compared already, or just now: a type may contain itself. */
  seen: Layer<ReadonlySet<string>>;
  /** Type parameters that stand in the same place. */
  parameters: Layer<ts.Type>;
  /**
   * Whether the compiler may say "not assignable" of what is the same: two copies of a class with private members or of a
   * `unique symbol`, and types that wait for a type argument.
   */
  doubt: { isRaised: boolean };
  /** Texts of union members that are new in types which consumers know to grow. */
  expected: ReadonlySet<string>;
  /** Set in a trial: whether it found a breaking change, after which it need not go on. */
  trial?: { isBroken: boolean };
  effort: Effort;
  /** Compares a pair; given, because members, unions and signatures call each other. */
  compare(walk: TypeWalk, pair: TypePair, place: Place): void;
}

/** How much of a package was compared, and what, so that one of thousands of names takes a time in proportion to its types. */
export interface Effort {
  /** How many more pairs are compared afresh for each export; below zero, exports share what was compared. */
  left: number;
  seen: Layer<ReadonlySet<string>>;
  /** Generic declarations that were compared once, by use; below zero, only their arguments are compared again. */
  generics: Readonly<Record<Use, Set<object>>>;
}

/** So many pairs, which is more than most packages have, are compared afresh. */
const pairsAfresh = 20_000;

/** For a package of which nothing was compared yet. */
export function createEffort(): Effort {
  return { left: pairsAfresh, seen: { own: new Map() }, generics: { read: new Set(), supply: new Set() } };
}

/** A map over another one, which it leaves as it is. */
export interface Layer<Value> {
  own: Map<ts.Type, Value>;
  below?: Layer<Value>;
}

/** What a layer, or one below it, has for a type. */
export function lookUp<Value>(layer: Layer<Value>, type: ts.Type): Value | undefined {
  const own = layer.own.get(type);
  if (own !== undefined) return own;
  return layer.below === undefined ? undefined : lookUp(layer.below, type);
}

/** The other use: what a parameter is to a function. */
export function flip(use: Use): Use {
  return use === "read" ? "supply" : "read";
}

/** Where a comparison begins. */
export function outermost(where: string, use: Use): Place {
  return { where, use, depth: 0, open: [] };
}

/** A place inside another. */
export function inside(place: Place, where: string, use: Use = place.use): Place {
  return { where, use, depth: place.depth + 1, open: place.open };
}

/** A place that the value can be missing from. */
export function optional(place: Place, isOptional: boolean): Place {
  return isOptional ? { ...place, isOptional } : place;
}

/** Notes a change of declarations. */
export function note(walk: TypeWalk, change: Omit<ApiChange, "kind">): void {
  walk.changes.push({ kind: "declarations", ...change });
  if (walk.trial !== undefined && change.bump === "major") walk.trial.isBroken = true;
}

/**
 * The candidate that differs least of those that break nothing; its differences are noted. Undefined where each one
 * breaks something. `compare` compares with one of them.
 */
export function adoptTwin<Candidate>(
  walk: TypeWalk,
  candidates: readonly Candidate[],
  compare: (trial: TypeWalk, candidate: Candidate) => void,
): Candidate | undefined {
  let best: { candidate: Candidate; trial: TypeWalk } | undefined;
  for (const candidate of candidates) {
    const trial = forkWalk(walk);
    compare(trial, candidate);
    if (trial.trial?.isBroken === true) continue;
    if (best === undefined || trial.changes.length < best.trial.changes.length) best = { candidate, trial };
    if (trial.changes.length === 0) break;
  }
  if (best === undefined) return undefined;
  walk.changes.push(...best.trial.changes);
  for (const [type, value] of best.trial.seen.own) walk.seen.own.set(type, value);
  for (const [type, value] of best.trial.parameters.own) walk.parameters.own.set(type, value);
  return best.candidate;
}

function forkWalk(walk: TypeWalk): TypeWalk {
  const seen = { own: new Map(), below: walk.seen };
  const parameters = { own: new Map(), below: walk.parameters };
  return { ...walk, changes: [], seen, parameters, trial: { isBroken: false } };
}

/** So many pairs beyond the budget are compared; some seconds' work. */
const mostPairs = 500_000;

/** Whether a package turned out too large to be compared wholly. */
export function isExhausted({ left }: Effort): boolean {
  return left < -mostPairs;
}

const numbers = new WeakMap<ts.Type, number>();
let lastNumber = 0;

/** Whether a pair is new in this use; notes that it is seen. */
export function enterPair({ seen, effort }: TypeWalk, { before, after }: TypePair, use: Use): boolean {
  const number = numbers.get(after) ?? (lastNumber += 1);
  numbers.set(after, number);
  const key = `${number} ${use}`;
  const known = lookUp(seen, before);
  if (known?.has(key) === true) return false;
  effort.left -= 1;
  seen.own.set(before, new Set([...(known ?? []), key]));
  return true;
}

/** Whether a type has members of its own to compare: an object, or an intersection of nothing but objects. */
export function isObjectLike({ ts: { TypeFlags } }: TypeWalk, type: ts.Type): boolean {
  if ((type.flags & TypeFlags.Object) !== 0) return true;
  return type.isIntersection() && type.types.every(({ flags }) => (flags & TypeFlags.Object) !== 0);
}

const longestText = 200;

/** A type for a person, at most 200 characters. */
export function describeType({ checker, ts }: Pick<TypeWalk, "checker" | "ts">, type: ts.Type): string {
  return clip(checker.typeToString(type, undefined, ts.TypeFormatFlags.NoTruncation));
}

/** A text on one line, without where the compiler found what it names, at most 200 characters. */
export function clip(text: string): string {
  const line = text
    .replaceAll(/import\("\/(?:before|after|shared)\/[^"]*"[^)]*\)\.?/g, "")
    .replaceAll(/\s+/g, " ")
    .trim();
  return line.length > longestText ? `${line.slice(0, longestText - 1)}…` : line;
}
