import type ts from "typescript";
import { describeType, inside, note, type Place, type TypeWalk } from "./type-walk.ts";

/** The type parameters of a declaration before and after. */
export interface TypeParameterLists {
  before: readonly ts.Type[];
  after: readonly ts.Type[];
}

/**
 * Pairs type parameters by position; their names are nobody's concern. `place.use` is what consumers do with the
 * arguments: they supply them to what they call or name.
 */
export function compareTypeParameters(walk: TypeWalk, lists: TypeParameterLists, place: Place): void {
  const { before, after } = lists;
  for (const [index, parameter] of before.entries()) {
    const twin = after[index];
    if (twin !== undefined) walk.parameters.own.set(parameter, twin);
  }
  for (const [index, parameter] of before.entries()) {
    const twin = after[index];
    if (twin !== undefined) compareParameter(walk, { before: parameter, after: twin }, place);
  }
  noteCount(walk, lists, place);
}

function compareParameter(walk: TypeWalk, { before, after }: { before: ts.Type; after: ts.Type }, place: Place): void {
  const where = `${place.where}<${before.symbol.name}>`;
  const { checker } = walk;
  const [wasBound, isBound] = [before.getConstraint(), after.getConstraint()];
  if (wasBound === undefined && isBound !== undefined) {
    const reason = "The type argument must satisfy a constraint now.";
    note(walk, {
      where,
      change: "narrowed",
      after: describeType(walk, isBound),
      bump: place.use === "supply" ? "major" : "minor",
      reason,
    });
  } else if (wasBound !== undefined && isBound === undefined) {
    const reason = "The type argument can be any now.";
    note(walk, {
      where,
      change: "widened",
      before: describeType(walk, wasBound),
      bump: place.use === "supply" ? "minor" : "major",
      reason,
    });
  } else if (wasBound !== undefined && isBound !== undefined) {
    walk.compare(walk, { before: wasBound, after: isBound }, inside(place, where));
  }
  const [wasDefault, isDefault] = [
    checker.getDefaultFromTypeParameter(before),
    checker.getDefaultFromTypeParameter(after),
  ];
  if (wasDefault === undefined) return;
  if (isDefault === undefined) {
    const reason = "The type argument can no longer be left out.";
    note(walk, { where, change: "removed", before: describeType(walk, wasDefault), bump: "major", reason });
    return;
  }
  // Whoever leaves the argument out reads and supplies the default.
  walk.compare(walk, { before: wasDefault, after: isDefault }, inside(place, where, "read"));
  walk.compare(walk, { before: wasDefault, after: isDefault }, inside(place, where, "supply"));
}

function noteCount(walk: TypeWalk, { before, after }: TypeParameterLists, { where }: Place): void {
  if (before.length === after.length) return;
  const texts = { before: print(before), after: print(after) };
  const added = after.slice(before.length);
  const isOpen = added.every((parameter) => walk.checker.getDefaultFromTypeParameter(parameter) !== undefined);
  if (added.length > 0 && isOpen) {
    note(walk, { where, change: "added", ...texts, bump: "minor", reason: "A new type parameter has a default." });
  } else if (before.length > 0 || !isCallable(after)) {
    const reason = "Whoever writes the type arguments writes another number of them.";
    note(walk, { where, change: added.length > 0 ? "added" : "removed", ...texts, bump: "major", reason });
  } else {
    note(walk, { where, change: "added", ...texts, bump: "minor", reason: "The function infers a type argument now." });
  }
}

/** Arguments of functions are inferred; those of classes, interfaces and aliases are written. */
function isCallable(parameters: readonly ts.Type[]): boolean {
  return parameters.every(({ symbol }) => (symbol.declarations ?? []).every(({ parent }) => "parameters" in parent));
}

function print(parameters: readonly ts.Type[]): string {
  return `<${parameters.map(({ symbol }) => symbol.name).join(", ")}>`;
}
