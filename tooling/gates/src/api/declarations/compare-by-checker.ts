import type ts from "typescript";
import { describeType, note, type Place, type TypePair, type TypeWalk } from "./type-walk.ts";

/** Asks the compiler whether one type can stand for the other: for types that have no members to name. */
export function compareByChecker(walk: TypeWalk, { before, after }: TypePair, { where, use }: Place): void {
  if (isSameUnit(walk, before, after)) return;
  const isWider = walk.checker.isTypeAssignableTo(before, after);
  const isNarrower = walk.checker.isTypeAssignableTo(after, before);
  if (isWider && isNarrower) return;
  const texts = { before: describeType(walk, before), after: describeType(walk, after) };
  const change = isWider ? "widened" : isNarrower ? "narrowed" : "changed";
  const isFine = use === "read" ? isNarrower : isWider;
  note(walk, { where, change, ...texts, bump: isFine ? "minor" : "major", reason: reasonFor(use, isFine) });
}

function reasonFor(use: Place["use"], isFine: boolean): string {
  if (use === "read") {
    if (isFine) return "Consumers get a more exact type than they were promised.";
    return "Consumers get a value that need not be of the type that they were promised.";
  }
  return isFine ? "More is accepted than before." : "A value that consumers supply need not be accepted any more.";
}

/** Members of two copies of an enum, and two copies of a `unique symbol`, are the same by name and value. */
export function isSameUnit(walk: TypeWalk, before: ts.Type, after: ts.Type): boolean {
  const { TypeFlags } = walk.ts;
  const isUnit = (before.flags & after.flags & (TypeFlags.EnumLiteral | TypeFlags.UniqueESSymbol)) !== 0;
  if (!isUnit || before.symbol.name !== after.symbol.name) return false;
  if (!walk.isOwn(before.symbol) || !walk.isOwn(after.symbol)) return false;
  walk.doubt.isRaised = true;
  return (before as ts.LiteralType).value === (after as ts.LiteralType).value;
}
