import type ts from "typescript";
import { compareByChecker } from "./compare-by-checker.ts";
import { compareDeferred } from "./compare-deferred.ts";
import { compareObjects } from "./compare-objects.ts";
import { compareUnions } from "./compare-unions.ts";
import {
  describeType,
  enterPair,
  isObjectLike,
  lookUp,
  note,
  type Place,
  type TypePair,
  type TypeWalk,
} from "./type-walk.ts";

const deepest = 60;

/**
 * Compares a type before and after, as consumers use it at this place, and notes each difference.
 * Goes down through what the package itself declares; what comes from elsewhere is the same on both sides.
 */
export function compareTypes(walk: TypeWalk, pair: TypePair, place: Place): void {
  if (isSettled(walk, pair, place) || compareAny(walk, pair, place)) return;
  const { before, after } = pair;
  if (before.isUnion() || after.isUnion()) compareUnions(walk, pair, place);
  else if (isObjectLike(walk, before) && isObjectLike(walk, after)) compareObjects(walk, pair, place);
  else if (before.isIntersection() && after.isIntersection()) compareIntersections(walk, pair, place);
  else if (!compareDeferred(walk, pair, place)) compareByChecker(walk, pair, place);
}

/** Whether there is nothing to compare: it is the same, unknown, compared already, or too deep to go on. */
function isSettled(walk: TypeWalk, pair: TypePair, { use, depth, isOptional }: Place): boolean {
  const { before, after } = pair;
  if (before === after || lookUp(walk.parameters, before) === after) return true;
  if (isUnresolved(before) || isUnresolved(after)) return true;
  if (walk.trial?.isBroken === true) return true;
  if (isOptional !== true && !enterPair(walk, pair, use)) return true;
  if (depth > deepest) walk.doubt.isRaised = true;
  return depth > deepest;
}

/** `any` is assignable to and from everything, so it is no answer: from `any` to something is a freedom taken. */
function compareAny(walk: TypeWalk, { before, after }: TypePair, { where }: Place): boolean {
  const { Any } = walk.ts.TypeFlags;
  const wasAny = (before.flags & Any) !== 0;
  if (!wasAny && (after.flags & Any) === 0) return false;
  if (wasAny && (after.flags & Any) !== 0) return true;
  const texts = { before: describeType(walk, before), after: describeType(walk, after) };
  if (wasAny) {
    const reason = "What was `any` is checked now: code that used it in another way stops compiling.";
    note(walk, { where, change: "narrowed", ...texts, bump: "major", reason });
  } else {
    const reason = "The type is `any` now: everything compiles, and nothing is checked.";
    note(walk, { where, change: "widened", ...texts, bump: "minor", reason });
  }
  return true;
}

/** What the compiler could not resolve is said to be unknown, once, by its diagnostics. */
function isUnresolved(type: ts.Type): boolean {
  return (type as ts.Type & { intrinsicName?: string }).intrinsicName === "error";
}

/** Intersections with a primitive or a type parameter, such as brands: part by part where the parts can be told. */
function compareIntersections(walk: TypeWalk, pair: TypePair, place: Place): void {
  const [before, after] = [partsOf(pair.before), partsOf(pair.after)];
  if (before.length !== after.length) {
    compareByChecker(walk, pair, place);
    return;
  }
  for (const [index, type] of before.entries()) {
    const other = after[index];
    if (other !== undefined) walk.compare(walk, { before: type, after: other }, place);
  }
}

function partsOf(type: ts.Type): readonly ts.Type[] {
  return type.isIntersection() ? type.types : [type];
}
