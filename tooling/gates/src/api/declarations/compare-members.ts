import type ts from "typescript";
import type { ApiChange } from "../api-change.ts";
import { clip, describeType, inside, note, optional, type Place, type TypePair, type TypeWalk } from "./type-walk.ts";

/** Compares properties and methods: those that are gone, new, or of another type; private ones are nobody's. */
export function compareMembers(walk: TypeWalk, pair: TypePair, place: Place): void {
  const before = membersOf(walk, pair.before);
  const after = membersOf(walk, pair.after);
  for (const [name, member] of before) {
    const twin = after.get(name);
    const inner = inside(place, `${place.where}.${printName(name)}`);
    if (twin === undefined) noteRemoved(walk, { member, type: pair.after }, inner);
    else if (!isInherited(walk, member, twin)) compareMember(walk, { before: member, after: twin }, inner);
  }
  for (const [name, member] of after) {
    const inner = inside(place, `${place.where}.${printName(name)}`);
    if (!before.has(name)) noteAdded(walk, { member, type: pair.before }, inner);
  }
}

interface MemberPair {
  before: ts.Symbol;
  after: ts.Symbol;
}

function compareMember(walk: TypeWalk, { before, after }: MemberPair, place: Place): void {
  const [wasOptional, isOptional] = [isOptionalMember(walk, before), isOptionalMember(walk, after)];
  noteModifiers(walk, { before, after }, place);
  const pair = { before: walk.checker.getTypeOfSymbol(before), after: walk.checker.getTypeOfSymbol(after) };
  walk.compare(walk, pair, optional(place, wasOptional || isOptional));
  // What a subclass must implement, it supplies.
  if (hasModifier(walk, before, "Abstract") && hasModifier(walk, after, "Abstract")) {
    walk.compare(walk, pair, { ...place, use: "supply" });
  }
  if (wasOptional === isOptional) return;
  const texts = { before: textOf(walk, before), after: textOf(walk, after) };
  const isBreaking = place.use === (isOptional ? "read" : "supply");
  const reason = isOptional
    ? "The member can be missing now, which code that reads it does not expect."
    : "The member must be given now, and consumers could leave it out.";
  const change: Pick<ApiChange, "change" | "bump"> = isOptional
    ? { change: "widened", bump: isBreaking ? "major" : "minor" }
    : { change: "narrowed", bump: isBreaking ? "major" : "minor" };
  note(walk, { where: place.where, ...change, ...texts, reason });
}

const modifierRules = [
  { modifier: "Readonly", reason: "The member can no longer be assigned to." },
  { modifier: "Abstract", reason: "Subclasses must implement the member now." },
  { modifier: "Protected", reason: "Only subclasses can use the member now." },
] as const;

function noteModifiers(walk: TypeWalk, { before, after }: MemberPair, { where, use }: Place): void {
  for (const { modifier, reason } of modifierRules) {
    const [had, has] = [hasModifier(walk, before, modifier), hasModifier(walk, after, modifier)];
    if (had === has) continue;
    const isBreaking = has && use === "read";
    const text = has ? reason : `The member is no longer ${modifier.toLowerCase()}.`;
    const change = has ? "narrowed" : "widened";
    const texts = { before: textOf(walk, before), after: textOf(walk, after) };
    note(walk, { where, change, ...texts, bump: isBreaking ? "major" : "minor", reason: text });
  }
}

interface Lone {
  member: ts.Symbol;
  /** The object that has no such member. */
  type: ts.Type;
}

function noteRemoved(walk: TypeWalk, { member, type }: Lone, { where, use }: Place): void {
  const hasIndex = walk.checker.getIndexInfosOfType(type).length > 0;
  const reason = hasIndex
    ? "The member is no longer named; only the index signature is left."
    : use === "read"
      ? "Code that reads the member stops compiling."
      : "An object that has the member is refused as one with an unknown property.";
  note(walk, { where, change: "removed", before: textOf(walk, member), bump: "major", reason });
}

function noteAdded(walk: TypeWalk, { member }: Lone, { where, use }: Place): void {
  const isAbstract = hasModifier(walk, member, "Abstract");
  const isDemanded = isAbstract || (use === "supply" && !isOptionalMember(walk, member));
  const reason = isAbstract
    ? "Subclasses must implement the new member."
    : isDemanded
      ? "Consumers must supply the new member."
      : "A new member that nobody has to know.";
  note(walk, { where, change: "added", after: textOf(walk, member), bump: isDemanded ? "major" : "minor", reason });
}

/** Members that consumers see, by a name that is the same for two copies of a `unique symbol`. */
function membersOf(walk: TypeWalk, type: ts.Type): Map<string, ts.Symbol> {
  const visible = walk.checker
    .getPropertiesOfType(type)
    .filter((symbol) => !hasModifier(walk, symbol, "Private") && !isHashPrivate(symbol))
    .filter(({ flags }) => (flags & walk.ts.SymbolFlags.Prototype) === 0);
  if (visible.length < walk.checker.getPropertiesOfType(type).length) walk.doubt.isRaised = true;
  return new Map(visible.map((symbol) => [keyOf(walk, symbol), symbol]));
}

/** `#name`, which TypeScript keeps as `__#1@#name`. */
function isHashPrivate({ escapedName }: ts.Symbol): boolean {
  return String(escapedName).startsWith("__#");
}

/** A member named by a `unique symbol` is kept as `__@name@<id>`, and each copy has an id of its own. */
function keyOf(walk: TypeWalk, { escapedName, name }: ts.Symbol): string {
  const text = String(escapedName);
  if (!text.startsWith("__@")) return name;
  walk.doubt.isRaised = true;
  return text.replace(/@\d+$/, "");
}

function printName(name: string): string {
  return name.startsWith("__@") ? `[${name.slice(3)}]` : name;
}

/** Declared once, by a base that both sides have from elsewhere. */
function isInherited(walk: TypeWalk, before: ts.Symbol, after: ts.Symbol): boolean {
  const declaration = before.declarations?.[0];
  const isSame = declaration !== undefined && declaration === after.declarations?.[0];
  return isSame && !walk.isOwn(before) && isDirect(walk, before) && isDirect(walk, after);
}

/** A member of a mapped type has a type of its own, though it points at the declaration that it was mapped from. */
function isDirect({ ts }: TypeWalk, { flags, parent }: ts.Symbol & { parent?: ts.Symbol }): boolean {
  return (flags & ts.SymbolFlags.Transient) === 0 && parent !== undefined;
}

function isOptionalMember({ ts }: TypeWalk, { flags }: ts.Symbol): boolean {
  return (flags & ts.SymbolFlags.Optional) !== 0;
}

function hasModifier(
  { ts }: TypeWalk,
  symbol: ts.Symbol,
  modifier: "Readonly" | "Abstract" | "Protected" | "Private",
): boolean {
  const isGetterOnly = modifier === "Readonly" && isOnlyGetter(ts, symbol);
  const wanted = ts.ModifierFlags[modifier];
  const declarations = symbol.declarations ?? [];
  return isGetterOnly || declarations.some((node) => (ts.getCombinedModifierFlags(node) & wanted) !== 0);
}

function isOnlyGetter(compiler: typeof ts, { flags }: ts.Symbol): boolean {
  const { GetAccessor, SetAccessor } = compiler.SymbolFlags;
  return (flags & GetAccessor) !== 0 && (flags & SetAccessor) === 0;
}

function textOf(walk: TypeWalk, symbol: ts.Symbol): string {
  const declaration = symbol.declarations?.[0];
  // A member of a mapped type points at the declaration that it was mapped from, which says another type.
  const isMapped = (symbol.flags & walk.ts.SymbolFlags.Transient) !== 0;
  if (declaration !== undefined && walk.isOwn(symbol) && !isMapped) return clip(declaration.getText());
  return `${symbol.name}: ${describeType(walk, walk.checker.getTypeOfSymbol(symbol))}`;
}
