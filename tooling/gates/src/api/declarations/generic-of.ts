import type ts from "typescript";
import { isDeferredMapped } from "./compare-deferred.ts";
import type { TypeWalk } from "./type-walk.ts";

/** A declaration of the package with type parameters, and the arguments that it has here. */
export interface Generic {
  id: object;
  arguments: readonly ts.Type[];
}

/** The generic declaration that a type is made from; undefined where there is none, or it is foreign. */
export function genericOf(walk: TypeWalk, type: ts.Type): Generic | undefined {
  const { ts, isOwn } = walk;
  const { aliasSymbol, aliasTypeArguments } = type;
  if (aliasSymbol !== undefined && aliasTypeArguments !== undefined && isOwn(aliasSymbol)) {
    return { id: aliasSymbol, arguments: aliasTypeArguments };
  }
  if ((type.flags & ts.TypeFlags.Conditional) !== 0) {
    const { root, checkType, extendsType } = type as ts.ConditionalType;
    return { id: root.node, arguments: [checkType, extendsType] };
  }
  return (type.flags & ts.TypeFlags.Object) === 0 ? undefined : genericObjectOf(walk, type);
}

function genericObjectOf(walk: TypeWalk, type: ts.Type): Generic | undefined {
  if (isDeferredMapped(walk, type)) {
    return { id: type.declaration, arguments: type.constraintType === undefined ? [] : [type.constraintType] };
  }
  if (!isGenericReference(type) || !walk.isOwn(type.symbol)) return undefined;
  // The last argument of a class or interface may be its `this`.
  const count = type.target.typeParameters?.length ?? 0;
  return count === 0 ? undefined : { id: type.symbol, arguments: walk.checker.getTypeArguments(type).slice(0, count) };
}

function isGenericReference(type: ts.Type): type is ts.TypeReference {
  return "target" in type && type.target !== undefined;
}
