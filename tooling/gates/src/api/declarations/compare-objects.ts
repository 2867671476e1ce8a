import type ts from "typescript";
import { compareByChecker } from "./compare-by-checker.ts";
import { compareMapped, isDeferredMapped } from "./compare-deferred.ts";
import { compareMembers } from "./compare-members.ts";
import { compareSignatures } from "./compare-signatures.ts";
import { compareTuples } from "./compare-tuples.ts";
import { describeType, inside, note, type Place, type TypePair, type TypeWalk } from "./type-walk.ts";

/** Compares objects and functions: by their arguments where both are of one foreign type, else member by member. */
export function compareObjects(walk: TypeWalk, pair: TypePair, place: Place): void {
  const { checker } = walk;
  if (checker.isTupleType(pair.before) && checker.isTupleType(pair.after)) compareTuples(walk, pair, place);
  else if (isArray(walk, pair.before) && isArray(walk, pair.after)) compareArrays(walk, pair, place);
  else if (isSameForeign(walk, pair)) compareArguments(walk, pair, place);
  else if (isForeign(walk, pair.before) || isForeign(walk, pair.after)) compareByChecker(walk, pair, place);
  else if (isDeferredMapped(walk, pair.before) && isDeferredMapped(walk, pair.after)) {
    compareMapped(walk, { before: pair.before, after: pair.after }, place);
  } else compareStructures(walk, pair, place);
}

function compareStructures(walk: TypeWalk, pair: TypePair, place: Place): void {
  const { ts, checker } = walk;
  // Instances of a class come from the package, so consumers only ever read them, wherever they hand them in again.
  const isInstance = isClassInstance(walk, pair.before) && isClassInstance(walk, pair.after);
  if (isInstance) walk.doubt.isRaised = true;
  const name = nameOf(walk, pair.before);
  const inner = inside(place, name ?? place.where, isInstance ? "read" : place.use);
  const signatures = (kind: ts.SignatureKind) => ({
    before: checker.getSignaturesOfType(pair.before, kind),
    after: checker.getSignaturesOfType(pair.after, kind),
  });
  compareMembers(walk, pair, inner);
  compareSignatures(walk, signatures(ts.SignatureKind.Call), inner);
  if (!isConstructorHidden(walk, pair.before)) {
    const where = `new ${inner.where}`;
    compareSignatures(walk, signatures(ts.SignatureKind.Construct), { ...inner, where });
  }
  compareIndexes(walk, pair, inner);
  compareBases(walk, pair, inner);
}

/** Type arguments of the same generic type from elsewhere; what such a type does with them is nearly always to give them out. */
function compareArguments(walk: TypeWalk, pair: TypePair, place: Place): void {
  const [before, after] = [argumentsOf(walk, pair.before), argumentsOf(walk, pair.after)];
  for (const [index, type] of before.entries()) {
    const other = after[index];
    if (other !== undefined) walk.compare(walk, { before: type, after: other }, inside(place, place.where));
  }
}

function compareArrays(walk: TypeWalk, pair: TypePair, place: Place): void {
  compareArguments(walk, pair, inside(place, `${place.where}[]`));
  const [wasReadonly, isReadonly] = [isReadonlyArray(walk, pair.before), isReadonlyArray(walk, pair.after)];
  if (wasReadonly === isReadonly) return;
  const texts = { before: describeType(walk, pair.before), after: describeType(walk, pair.after) };
  const isBreaking = place.use === "read" ? isReadonly : wasReadonly;
  const reason = isReadonly ? "The array is readonly now." : "The array is no longer readonly.";
  note(walk, { where: place.where, change: "changed", ...texts, bump: isBreaking ? "major" : "minor", reason });
}

/** `[key: string]: T`: what reads any key stops compiling without it. */
function compareIndexes(walk: TypeWalk, pair: TypePair, place: Place): void {
  const { checker } = walk;
  const after = checker.getIndexInfosOfType(pair.after);
  for (const index of checker.getIndexInfosOfType(pair.before)) {
    const keys = checker.typeToString(index.keyType);
    const where = `${place.where}[${keys}]`;
    const twin = after.find(({ keyType }) => checker.typeToString(keyType) === keys);
    if (twin !== undefined) {
      walk.compare(walk, { before: index.type, after: twin.type }, inside(place, where));
      continue;
    }
    const reason = `Any key of type ${keys} was allowed, and is no longer.`;
    note(walk, { where, change: "removed", before: describeType(walk, index.type), bump: "major", reason });
  }
}

/** Arguments of a foreign base class or interface; the members that it gives are the same on both sides. */
function compareBases(walk: TypeWalk, pair: TypePair, place: Place): void {
  const [before, after] = [basesOf(walk, pair.before), basesOf(walk, pair.after)];
  for (const base of before) {
    const twin = after.find((other) => isSameForeign(walk, { before: base, after: other }));
    if (twin !== undefined) compareArguments(walk, { before: base, after: twin }, place);
  }
}

function basesOf({ ts, checker }: TypeWalk, type: ts.Type): readonly ts.Type[] {
  const isDeclared = ((type as ts.ObjectType).objectFlags & ts.ObjectFlags.ClassOrInterface) !== 0;
  return isDeclared ? checker.getBaseTypes(type as ts.InterfaceType) : [];
}

/** Whether both are of the same declared type that comes from elsewhere. */
function isSameForeign(walk: TypeWalk, { before, after }: TypePair): boolean {
  return isForeign(walk, before) && isForeign(walk, after) && before.symbol === after.symbol;
}

/** A class or interface of a dependency or of the language; its anonymous types are walked through like our own. */
function isForeign(walk: TypeWalk, type: ts.Type): boolean {
  const { SymbolFlags } = walk.ts;
  const symbol: ts.Symbol | undefined = type.symbol;
  if (symbol === undefined || walk.isOwn(symbol)) return false;
  return (symbol.flags & (SymbolFlags.Class | SymbolFlags.Interface)) !== 0;
}

function isArray({ checker }: TypeWalk, type: ts.Type): boolean {
  return checker.isArrayType(type);
}

function isReadonlyArray(_walk: TypeWalk, type: ts.Type): boolean {
  return type.symbol.name === "ReadonlyArray";
}

function argumentsOf({ checker }: TypeWalk, type: ts.Type): readonly ts.Type[] {
  return isReference(type) ? checker.getTypeArguments(type) : [];
}

function isReference(type: ts.Type): type is ts.TypeReference {
  return "target" in type && type.target !== undefined;
}

function isClassInstance(walk: TypeWalk, type: ts.Type): boolean {
  const { ObjectFlags, SymbolFlags } = walk.ts;
  const target = isReference(type) ? type.target : type;
  const isClass = ((target as ts.ObjectType).objectFlags & ObjectFlags.Class) !== 0;
  return isClass && (type.symbol.flags & SymbolFlags.Class) !== 0;
}

/** A class whose constructor is private or protected is made by the package alone. */
function isConstructorHidden({ ts }: TypeWalk, type: ts.Type): boolean {
  const declarations = type.symbol?.declarations ?? [];
  return declarations.filter(ts.isClassDeclaration).some((declaration) =>
    declaration.members.filter(ts.isConstructorDeclaration).some((member) => {
      const flags = ts.getCombinedModifierFlags(member);
      return (flags & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !== 0;
    }),
  );
}

/** The name under which the package declares a type; undefined for a literal type. */
function nameOf(walk: TypeWalk, type: ts.Type): string | undefined {
  if (type.aliasSymbol !== undefined && walk.isOwn(type.aliasSymbol)) return type.aliasSymbol.name;
  const symbol: ts.Symbol | undefined = type.symbol;
  const { Class, Interface } = walk.ts.SymbolFlags;
  const isNamed = symbol !== undefined && (symbol.flags & (Class | Interface)) !== 0;
  return isNamed && walk.isOwn(symbol) ? symbol.name : undefined;
}
