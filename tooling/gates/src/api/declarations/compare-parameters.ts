import type ts from "typescript";
import type { ApiChange } from "../api-change.ts";
import { elementsOf } from "./compare-tuples.ts";
import { clip, flip, inside, note, optional, type Place, type TypeWalk } from "./type-walk.ts";

interface Parameter {
  name: string;
  type: ts.Type;
  sort: "required" | "optional" | "rest";
}

interface Lists {
  before: readonly Parameter[];
  after: readonly Parameter[];
  /** The two signatures, for a person. */
  print: () => { before: string; after: string };
}

/** Compares parameters, which consumers supply to a function that they read, and read in one that they supply. */
export function compareParameters(
  walk: TypeWalk,
  { before, after }: { before: ts.Signature; after: ts.Signature },
  place: Place,
): void {
  const print = (signature: ts.Signature): string => clip(walk.checker.signatureToString(signature));
  const lists: Lists = {
    before: parametersOf(walk, before),
    after: parametersOf(walk, after),
    print: () => ({ before: print(before), after: print(after) }),
  };
  for (const [index, parameter] of lists.before.entries()) {
    const twin = lists.after[index];
    const where = `${place.where}(${parameter.name})`;
    if (twin === undefined) continue;
    const isEither = parameter.sort !== "required" || twin.sort !== "required";
    const inner = inside(place, where, flip(place.use));
    walk.compare(walk, { before: parameter.type, after: twin.type }, optional(inner, isEither));
  }
  if (place.use === "read") noteForCallers(walk, lists, place);
  else noteForCallees(walk, lists, place);
}

function noteForCallers(walk: TypeWalk, { before, after, print }: Lists, { where }: Place): void {
  for (const [index, parameter] of after.entries()) {
    const difference = judgeArgument(before[index]?.sort, parameter.sort);
    if (difference !== undefined) note(walk, { where: `${where}(${parameter.name})`, ...print(), ...difference });
  }
  const isOpen = after.some(({ sort }) => sort === "rest");
  for (const parameter of isOpen ? [] : before.slice(after.length)) {
    const reason = "Calls that give the argument stop compiling.";
    note(walk, { where: `${where}(${parameter.name})`, change: "removed", ...print(), bump: "major", reason });
  }
}

type Difference = Pick<ApiChange, "change" | "bump" | "reason">;

/** What a parameter that is new, or can be left out in another way, means to callers. */
function judgeArgument(was: Parameter["sort"] | undefined, is: Parameter["sort"]): Difference | undefined {
  if (was === undefined) {
    return is === "required"
      ? { change: "added", bump: "major", reason: "Callers must give a new argument." }
      : { change: "added", bump: "minor", reason: "A new parameter that callers may leave out." };
  }
  if (is === "required") {
    const reason = "Callers could leave the argument out.";
    return was === "required" ? undefined : { change: "narrowed", bump: "major", reason };
  }
  if (was === "required") return { change: "widened", bump: "minor", reason: "Callers may leave the argument out." };
  if (was === "optional" || is === "rest") return undefined;
  return { change: "narrowed", bump: "major", reason: "Callers could give any number of arguments." };
}

function noteForCallees(walk: TypeWalk, { before, after, print }: Lists, { where }: Place): void {
  for (const [index, parameter] of before.entries()) {
    const is = after[index];
    const at = `${where}(${parameter.name})`;
    if (is === undefined && !after.some(({ sort }) => sort === "rest")) {
      const reason = "A function that consumers supply no longer gets the argument.";
      note(walk, { where: at, change: "removed", ...print(), bump: "major", reason });
    } else if (parameter.sort === "required" && is !== undefined && is.sort !== "required") {
      const reason = "A function that consumers supply may be called without the argument.";
      note(walk, { where: at, change: "widened", ...print(), bump: "major", reason });
    }
  }
  for (const parameter of after.slice(before.length)) {
    const reason = "A function that consumers supply gets one more argument, which it may ignore.";
    note(walk, { where: `${where}(${parameter.name})`, change: "added", ...print(), bump: "minor", reason });
  }
}

/** The parameters of a signature; a rest parameter of a tuple type is one parameter for each element. */
function parametersOf(walk: TypeWalk, signature: ts.Signature): Parameter[] {
  const { ts, checker } = walk;
  return signature.getParameters().flatMap((symbol): Parameter[] => {
    const type = checker.getTypeOfSymbol(symbol);
    const declaration = symbol.valueDeclaration;
    if (declaration === undefined || !ts.isParameter(declaration))
      return [{ name: symbol.name, type, sort: "required" }];
    if (declaration.dotDotDotToken === undefined) {
      return [{ name: symbol.name, type, sort: checker.isOptionalParameter(declaration) ? "optional" : "required" }];
    }
    if (checker.isTupleType(type)) {
      return elementsOf(walk, type).map((element, index) => ({ name: `${symbol.name}[${index}]`, ...element }));
    }
    const element = checker.getIndexTypeOfType(type, ts.IndexKind.Number) ?? type;
    return [{ name: symbol.name, type: element, sort: "rest" }];
  });
}
