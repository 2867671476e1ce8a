import type ts from "typescript";
import { compareByChecker } from "./compare-by-checker.ts";
import { compareDeferred } from "./compare-deferred.ts";
import { compareObjects } from "./compare-objects.ts";
import { compareUnions } from "./compare-unions.ts";
import { genericOf } from "./generic-of.ts";
import {
  describeType,
  enterPair,
  inside,
  isExhausted,
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
export function compareTypes(walk: TypeWalk, pair: TypePair, outer: Place): void {
  if (isSettled(walk, pair, outer) || compareAny(walk, pair, outer)) return;
  const place = enterGeneric(walk, pair, outer);
  if (place === undefined) return;
  const { before, after } = pair;
  if (before.isUnion() || after.isUnion()) compareUnions(walk, pair, place);
  else if (isObjectLike(walk, before) && isObjectLike(walk, after)) compareObjects(walk, pair, place);
  else if (before.isIntersection() && after.isIntersection()) compareIntersections(walk, pair, place);
  else if (!compareDeferred(walk, pair, place)) compareByChecker(walk, pair, place);
}

/**
 * The place inside a generic declaration. Of one that leads to itself with other arguments, the arguments are compared and
 * no more (then the place is undefined): its body is being compared already, for any argument.
 */
function enterGeneric(walk: TypeWalk, { before, after }: TypePair, place: Place): Place | undefined {
  const [was, is] = [genericOf(walk, before), genericOf(walk, after)];
  if (was === undefined || is === undefined) return place;
  const { left, generics } = walk.effort;
  const isKnown = place.open.includes(was.id) || (left < 0 && generics[place.use].has(was.id));
  generics[place.use].add(was.id);
  if (!isKnown) return { ...place, open: [...place.open, was.id] };
  walk.doubt.isRaised = true;
  for (const [index, argument] of was.arguments.entries()) {
    const twin = is.arguments[index];
    if (twin !== undefined) walk.compare(walk, { before: argument, after: twin }, inside(place, place.where));
  }
  return undefined;
}

/** Whether there is nothing to compare: it is the same, unknown, compared already, or too deep to go on. */
function isSettled(walk: TypeWalk, pair: TypePair, { use, depth, isOptional }: Place): boolean {
  const { before, after } = pair;
  if (before === after || lookUp(walk.parameters, before) === after) return true;
  if (isUnresolved(before) || isUnresolved(after)) return true;
  if (walk.trial?.isBroken === true || isExhausted(walk.effort)) return true;
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
