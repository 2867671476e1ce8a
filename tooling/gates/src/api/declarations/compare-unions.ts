import type ts from "typescript";
import { isSameUnit } from "./compare-by-checker.ts";
import {
  adoptTwin,
  clip,
  describeType,
  inside,
  isObjectLike,
  lookUp,
  note,
  type Place,
  type TypePair,
  type TypeWalk,
} from "./type-walk.ts";

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
    const twin = findTwin(walk, member, after);
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
  const open = new Set(added);
  const inner = inside(place, place.where);
  const objects = removed.filter((type) => isObjectLike(walk, type));
  const lost: ts.Type[] = [];
  for (const member of removed) {
    const [last, ...others] = isObjectLike(walk, member) ? [...open].filter((type) => isObjectLike(walk, type)) : [];
    if (last !== undefined && others.length === 0 && objects.length === 1) {
      open.delete(last);
      walk.compare(walk, { before: member, after: last }, inner);
      continue;
    }
    const candidates = isComposed(walk, member) ? sortByText(walk, member, open) : [];
    const twin = adoptTwin(walk, candidates, (trial, candidate) =>
      trial.compare(trial, { before: member, after: candidate }, inner),
    );
    if (twin === undefined) lost.push(member);
    else open.delete(twin);
  }
  return { removed: lost, added: [...open] };
}

/** Composed types, first those that read the same. */
function sortByText(walk: TypeWalk, member: ts.Type, open: ReadonlySet<ts.Type>): ts.Type[] {
  const candidates = [...open].filter((type) => isComposed(walk, type));
  const text = textOf(walk, member);
  const same = candidates.filter((type) => textOf(walk, type) === text);
  return same.length === 0 ? candidates : [...same, ...candidates.filter((type) => textOf(walk, type) !== text)];
}

const knownTexts = new WeakMap<ts.Type, string>();

function textOf({ checker }: TypeWalk, type: ts.Type): string {
  const text = knownTexts.get(type) ?? checker.typeToString(type);
  knownTexts.set(type, text);
  return text;
}

/** Objects, and types that wait for an argument: of those, no text tells whether they are alike. */
function isComposed({ ts: { TypeFlags } }: TypeWalk, { flags }: ts.Type): boolean {
  return (flags & (TypeFlags.Object | TypeFlags.Intersection | TypeFlags.Instantiable)) !== 0;
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
  const isExpected = wider.every((type) => walk.expected.has(describeType(walk, type)));
  if (use === "supply") {
    note(walk, { where, change: "widened", ...texts, bump: "minor", reason: `${list} is accepted, too.` });
  } else if (isExpected) {
    walk.doubt.isRaised = true;
    const reason = `The value can be ${list}, too; the policy says that consumers know the type to grow.`;
    note(walk, { where, change: "widened", ...texts, bump: "minor", reason });
  } else {
    const reason = `The value can be ${list}, too, which code that handles all cases does not handle.`;
    note(walk, { where, change: "widened", ...texts, bump: "major", reason });
  }
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

function findTwin(walk: TypeWalk, member: ts.Type, others: ReadonlySet<ts.Type>): ts.Type | undefined {
  if (others.has(member)) return member;
  const mapped = lookUp(walk.parameters, member);
  if (mapped !== undefined && others.has(mapped)) return mapped;
  const { EnumLiteral, UniqueESSymbol } = walk.ts.TypeFlags;
  if ((member.flags & (EnumLiteral | UniqueESSymbol)) !== 0) {
    return [...others].find((other) => isSameUnit(walk, member, other));
  }
  return findAlike(walk, member, others);
}

function findAlike(walk: TypeWalk, member: ts.Type, others: ReadonlySet<ts.Type>): ts.Type | undefined {
  const keys = new Set(keysOf(walk, member));
  if (keys.size === 0) return undefined;
  const alike = [...others].filter((other) => keysOf(walk, other).some((key) => keys.has(key)));
  return alike.length === 1 ? alike[0] : undefined;
}

const knownKeys = new WeakMap<ts.Type, readonly string[]>();

/** What tells an object in a union from the others: its name, or its properties of one literal value. */
function keysOf(walk: TypeWalk, type: ts.Type): readonly string[] {
  const known = knownKeys.get(type);
  if (known !== undefined) return known;
  const keys = isObjectLike(walk, type) ? readKeys(walk, type) : [];
  knownKeys.set(type, keys);
  return keys;
}

function readKeys(walk: TypeWalk, type: ts.Type): string[] {
  const { ts, checker } = walk;
  const name = qualifiedName(walk, type.aliasSymbol ?? type.symbol);
  const isNamed = name !== "" && !name.includes("__");
  const discriminants = checker.getPropertiesOfType(type).flatMap((property) => {
    if (!walk.isOwn(property)) return [];
    const value = checker.getTypeOfSymbol(property);
    return (value.flags & ts.TypeFlags.Unit) === 0 ? [] : [`${property.name}=${checker.typeToString(value)}`];
  });
  return isNamed ? [`name ${name}`, ...discriminants] : discriminants;
}

/** A name with the namespaces that it is declared in. */
function qualifiedName({ ts }: TypeWalk, symbol: ts.Symbol | undefined): string {
  const names = symbol === undefined ? [] : [symbol.name];
  for (let node: ts.Node | undefined = symbol?.declarations?.[0]?.parent; node !== undefined; node = node.parent) {
    if (ts.isModuleDeclaration(node)) names.unshift(node.name.text);
  }
  return names.join(".");
}
