import type ts from "typescript";
import { describeType, inside, note, type Place, type TypePair, type TypeWalk } from "./type-walk.ts";

/** Compares tuples element by element; a length that differs concerns whoever takes them apart or makes them. */
export function compareTuples(walk: TypeWalk, pair: TypePair, place: Place): void {
  const [before, after] = [elementsOf(walk, pair.before), elementsOf(walk, pair.after)];
  for (const [index, element] of before.entries()) {
    const other = after[index];
    const inner = inside(place, `${place.where}[${index}]`);
    if (other !== undefined) walk.compare(walk, { before: element.type, after: other.type }, inner);
  }
  const [from, to] = place.use === "read" ? [after, before] : [before, after];
  const isFine = canStandFor(from, to);
  if (shapeOf(before) === shapeOf(after)) return;
  const texts = { before: describeType(walk, pair.before), after: describeType(walk, pair.after) };
  const reason = "The number of elements, or of those that may be missing, is another.";
  note(walk, { where: place.where, change: "changed", ...texts, bump: isFine ? "minor" : "major", reason });
}

interface Element {
  type: ts.Type;
  sort: "required" | "optional" | "rest";
}

/** The elements of a tuple type. */
export function elementsOf({ ts, checker }: Pick<TypeWalk, "ts" | "checker">, type: ts.Type): Element[] {
  const { target } = type as ts.TupleTypeReference;
  return checker.getTypeArguments(type as ts.TupleTypeReference).map((element, index) => {
    const flags = target.elementFlags[index] ?? ts.ElementFlags.Required;
    if ((flags & ts.ElementFlags.Required) !== 0) return { type: element, sort: "required" };
    return { type: element, sort: (flags & ts.ElementFlags.Optional) !== 0 ? "optional" : "rest" };
  });
}

function shapeOf(elements: readonly Element[]): string {
  return elements.map(({ sort }) => sort).join();
}

/** Whether a tuple of the one shape is one of the other. */
function canStandFor(from: readonly Element[], to: readonly Element[]): boolean {
  const count = (elements: readonly Element[], sort: Element["sort"]): number =>
    elements.filter((element) => element.sort === sort).length;
  const isOpen = count(to, "rest") > 0;
  const isLongEnough = count(from, "required") >= count(to, "required");
  return isLongEnough && (isOpen || (count(from, "rest") === 0 && from.length <= to.length));
}
