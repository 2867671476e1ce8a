import type ts from "typescript";
import { isSameUnit } from "./compare-by-checker.ts";
import { clip, describeType, forkWalk, inside, note, type Place, type TypePair, type TypeWalk } from "./type-walk.ts";

/**
 * Compares the members of unions. A member more is what readers have not thought of; a member less is what suppliers may
 * have. Members that are alike are compared with each other: of one name, of one discriminant, or the only ones left.
 */
export function compareUnions(walk: TypeWalk, pair: TypePair, place: Place): void {
  const [members, others] = [membersOf(walk, pair.before, place), membersOf(walk, pair.after, place)];
  const [only, other] = [members[0], others[0]];
  if (members.length === 1 && others.length === 1 && only !== undefined && other !== undefined) {
    walk.compare(walk, { before: only, after: other }, inside(place, place.where));
    return;
  }
  const after = new Set(others);
  const removed: ts.Type[] = [];
  for (const member of members) {
    const twin = findTwin(walk, member, [...after]);
    if (twin === undefined) {
      removed.push(member);
      continue;
    }
    after.delete(twin);
    walk.compare(walk, { before: member, after: twin }, inside(place, place.where));
  }
  const rest = pairRest(walk, { removed, added: [...after] }, place);
  noteAdded(walk, { pair, members: rest.added }, place);
  noteRemoved(walk, { pair, members: rest.removed }, place);
}

interface Rest {
  removed: readonly ts.Type[];
  added: readonly ts.Type[];
}

/** Pairs types without a name that can stand for each other, and the last object on each side whatever it is. */
function pairRest(walk: TypeWalk, { removed, added }: Rest, place: Place): Rest {
  const { Object: object, Instantiable } = walk.ts.TypeFlags;
  const open = new Set(added);
  const lost: ts.Type[] = [];
  const isObject = ({ flags }: ts.Type): boolean => (flags & object) !== 0;
  const isComposed = ({ flags }: ts.Type): boolean => (flags & (object | Instantiable)) !== 0;
  for (const member of removed) {
    const candidates = isComposed(member) ? [...open].filter(isComposed) : [];
    const [last] = candidates.filter(isObject);
    const isLast =
      isObject(member) && removed.filter(isObject).length === 1 && candidates.filter(isObject).length === 1;
    const twin = isLast ? last : candidates.find((other) => isHarmless(walk, { before: member, after: other }, place));
    if (twin === undefined) {
      lost.push(member);
      continue;
    }
    open.delete(twin);
    walk.compare(walk, { before: member, after: twin }, inside(place, place.where));
  }
  return { removed: lost, added: [...open] };
}

function isHarmless(walk: TypeWalk, pair: TypePair, place: Place): boolean {
  const trial = forkWalk(walk);
  trial.compare(trial, pair, inside(place, place.where));
  return trial.changes.every(({ bump }) => bump !== "major");
}

interface Members {
  pair: TypePair;
  members: readonly ts.Type[];
}

function noteAdded(walk: TypeWalk, { pair, members }: Members, { where, use }: Place): void {
  const wider = members.filter((type) => !walk.checker.isTypeAssignableTo(type, pair.before));
  if (wider.length === 0) return;
  const list = describeMembers(walk, wider);
  const texts = { before: describeType(walk, pair.before), after: describeType(walk, pair.after) };
  const reason =
    use === "read"
      ? `The value can be ${list}, too, which code that handles all cases does not handle.`
      : `${list} is accepted, too.`;
  note(walk, { where, change: "widened", ...texts, bump: use === "read" ? "major" : "minor", reason });
}

function noteRemoved(walk: TypeWalk, { pair, members }: Members, { where, use }: Place): void {
  const lost = members.filter((type) => !walk.checker.isTypeAssignableTo(type, pair.after));
  if (lost.length === 0) return;
  const list = describeMembers(walk, lost);
  const texts = { before: describeType(walk, pair.before), after: describeType(walk, pair.after) };
  const reason =
    use === "read" ? `The value is no longer ${list}.` : `${list} is no longer accepted, and consumers may supply it.`;
  note(walk, { where, change: "narrowed", ...texts, bump: use === "read" ? "minor" : "major", reason });
}

function describeMembers(walk: TypeWalk, members: readonly ts.Type[]): string {
  return clip(members.map((type) => `\`${describeType(walk, type)}\``).join(" or "));
}

function membersOf({ ts }: TypeWalk, type: ts.Type, { isOptional = false }: Place): readonly ts.Type[] {
  const members = type.isUnion() ? type.types : [type];
  return isOptional ? members.filter(({ flags }) => (flags & ts.TypeFlags.Undefined) === 0) : members;
}

function findTwin(walk: TypeWalk, member: ts.Type, others: readonly ts.Type[]): ts.Type | undefined {
  if (others.includes(member)) return member;
  const mapped = walk.parameters.get(member);
  if (mapped !== undefined && others.includes(mapped)) return mapped;
  const unit = others.find((other) => isSameUnit(walk, member, other));
  if (unit !== undefined) return unit;
  return findAlike(walk, member, others);
}

function findAlike(walk: TypeWalk, member: ts.Type, others: readonly ts.Type[]): ts.Type | undefined {
  const keys = new Set(keysOf(walk, member));
  const alike = others.filter((other) => keysOf(walk, other).some((key) => keys.has(key)));
  return alike.length === 1 ? alike[0] : undefined;
}

/** What tells an object in a union from the others: its name, or its properties of one literal value. */
function keysOf(walk: TypeWalk, type: ts.Type): string[] {
  const { ts, checker } = walk;
  if ((type.flags & ts.TypeFlags.Object) === 0) return [];
  const name = type.aliasSymbol?.name ?? type.symbol?.name;
  const isNamed = name !== undefined && !name.startsWith("__");
  const discriminants = checker.getPropertiesOfType(type).flatMap((property) => {
    if (!walk.isOwn(property)) return [];
    const value = checker.getTypeOfSymbol(property);
    const isUnit = (value.flags & ts.TypeFlags.Unit) !== 0;
    return isUnit ? [`${property.name}=${checker.typeToString(value)}`] : [];
  });
  return isNamed ? [`name ${name}`, ...discriminants] : discriminants;
}
