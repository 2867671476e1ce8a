import type ts from "typescript";
import { clip, inside, note, type Place, type TypePair, type TypeWalk } from "./type-walk.ts";

/**
 * Compares types that wait for a type argument (type parameters, conditional, mapped, indexed and template types): part
 * by part. False where the two are not of one sort.
 */
export function compareDeferred(walk: TypeWalk, pair: TypePair, place: Place): boolean {
  const { TypeFlags } = walk.ts;
  const shared = pair.before.flags & pair.after.flags;
  const has = (flag: ts.TypeFlags): boolean => (shared & flag) !== 0;
  if (has(TypeFlags.TypeParameter)) return isSameParameter(walk, pair);
  if (has(TypeFlags.Instantiable)) walk.doubt.isRaised = true;
  if (has(TypeFlags.Conditional)) compareConditional(walk, pair as Pair<ts.ConditionalType>, place);
  else if (has(TypeFlags.Index)) compareParts(walk, partsOf(pair as Pair<ts.IndexType>, ["type"]), place);
  else if (has(TypeFlags.IndexedAccess)) {
    compareParts(walk, partsOf(pair as Pair<ts.IndexedAccessType>, ["objectType", "indexType"]), place);
  } else if (has(TypeFlags.Substitution)) {
    compareParts(walk, partsOf(pair as Pair<ts.SubstitutionType>, ["baseType", "constraint"]), place);
  } else if (has(TypeFlags.TemplateLiteral)) return compareTemplates(walk, pair as Pair<ts.TemplateLiteralType>, place);
  else return false;
  return true;
}

interface Pair<T> {
  before: T;
  after: T;
}

/** Compares mapped types over keys that are not known yet. */
export function compareMapped(walk: TypeWalk, { before, after }: Pair<MappedType>, place: Place): void {
  const [was, is] = [before.declaration, after.declaration];
  walk.doubt.isRaised = true;
  mapParameter(walk, was.typeParameter, is.typeParameter);
  if (before.constraintType !== undefined && after.constraintType !== undefined) {
    compareParts(walk, [{ before: before.constraintType, after: after.constraintType }], place);
  }
  compareNodes(walk, { before: was.type, after: is.type }, place);
  const texts = { before: clip(was.getText()), after: clip(is.getText()) };
  if (modifiersOf(was) === modifiersOf(is)) return;
  const reason = "The keys, or what may be left out or written, are computed in another way.";
  note(walk, { where: place.where, change: "changed", ...texts, bump: "major", reason });
}

/** A mapped type; the key's constraint is known once its members were asked for. */
export interface MappedType extends ts.Type {
  declaration: ts.MappedTypeNode;
  constraintType?: ts.Type;
}

/** Whether a type is a mapped type whose keys depend on a type parameter. */
export function isDeferredMapped({ ts, checker }: Pick<TypeWalk, "ts" | "checker">, type: ts.Type): type is MappedType {
  if (((type as ts.ObjectType).objectFlags & ts.ObjectFlags.Mapped) === 0) return false;
  checker.getPropertiesOfType(type);
  const { constraintType } = type as MappedType;
  return constraintType !== undefined && (constraintType.flags & ts.TypeFlags.Instantiable) !== 0;
}

function compareConditional(walk: TypeWalk, { before, after }: Pair<ts.ConditionalType>, place: Place): void {
  const [was, is] = [before.root, after.root];
  for (const [index, parameter] of (was.inferTypeParameters ?? []).entries()) {
    const twin = is.inferTypeParameters?.[index];
    if (twin !== undefined) walk.parameters.own.set(parameter, twin);
  }
  compareParts(walk, partsOf({ before, after }, ["checkType", "extendsType"]), place);
  compareNodes(walk, { before: was.node.trueType, after: is.node.trueType }, place);
  compareNodes(walk, { before: was.node.falseType, after: is.node.falseType }, place);
}

function compareNodes(walk: TypeWalk, { before, after }: Pair<ts.TypeNode | undefined>, place: Place): void {
  if (before === undefined || after === undefined) return;
  const typeOf = (node: ts.TypeNode): ts.Type => walk.checker.getTypeFromTypeNode(node);
  walk.compare(walk, { before: typeOf(before), after: typeOf(after) }, inside(place, place.where));
}

function compareTemplates(walk: TypeWalk, pair: Pair<ts.TemplateLiteralType>, place: Place): boolean {
  const { before, after } = pair;
  if (before.texts.join("\0") !== after.texts.join("\0")) return false;
  for (const [index, type] of before.types.entries()) {
    const other = after.types[index];
    if (other !== undefined) walk.compare(walk, { before: type, after: other }, inside(place, place.where));
  }
  return true;
}

/** Parts that decide what a type becomes: any difference counts, whatever consumers do with the result. */
function compareParts(walk: TypeWalk, pairs: readonly TypePair[], place: Place): void {
  for (const pair of pairs) {
    walk.compare(walk, pair, inside(place, place.where, "read"));
    walk.compare(walk, pair, inside(place, place.where, "supply"));
  }
}

function partsOf<T extends ts.Type>({ before, after }: Pair<T>, keys: readonly (keyof T)[]): TypePair[] {
  return keys.map((key) => ({ before: before[key] as ts.Type, after: after[key] as ts.Type }));
}

/** Type parameters of an inner declaration are the same when they have the same name or place there. */
function isSameParameter(walk: TypeWalk, { before, after }: TypePair): boolean {
  const placeOf = (type: ts.Type): string => {
    const declaration = type.symbol?.declarations?.[0];
    if (declaration === undefined || !walk.ts.isTypeParameterDeclaration(declaration)) return "this";
    const { parent } = declaration;
    const siblings: readonly ts.Node[] = "typeParameters" in parent ? (parent.typeParameters ?? []) : [declaration];
    const name = "name" in parent && parent.name !== undefined ? (parent.name as ts.Node).getText() : "";
    return `${name} ${siblings.indexOf(declaration)}`;
  };
  return placeOf(before) === placeOf(after);
}

function mapParameter(walk: TypeWalk, before: ts.TypeParameterDeclaration, after: ts.TypeParameterDeclaration): void {
  walk.parameters.own.set(walk.checker.getTypeAtLocation(before), walk.checker.getTypeAtLocation(after));
}

function modifiersOf({ nameType, questionToken, readonlyToken }: ts.MappedTypeNode): string {
  return [nameType, questionToken, readonlyToken].map((node) => clip(node?.getText() ?? "")).join(" ");
}
