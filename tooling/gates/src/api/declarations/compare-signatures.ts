import type ts from "typescript";
import { compareParameters } from "./compare-parameters.ts";
import { compareTypeParameters } from "./compare-type-parameters.ts";
import { adoptTwin, clip, describeType, flip, inside, note, type Place, type TypeWalk } from "./type-walk.ts";

/** The signatures of one kind before and after. */
export interface SignatureLists {
  before: readonly ts.Signature[];
  after: readonly ts.Signature[];
}

/**
 * Compares overloads: each one that consumers call must still be there, or one that takes the same and gives the same.
 * Of a function that consumers supply, each one that the package calls must be one that they had to have.
 */
export function compareSignatures(walk: TypeWalk, { before, after }: SignatureLists, place: Place): void {
  const [first, second] = [before[0], after[0]];
  if (first !== undefined && second !== undefined && before.length === 1 && after.length === 1) {
    compareSignature(walk, { before: first, after: second }, place);
    return;
  }
  const open = new Set(after);
  const lost: ts.Signature[] = [];
  for (const signature of before) {
    const twin = adoptTwin(walk, sortCandidates({ signature, after, open }), (trial, candidate) =>
      compareSignature(trial, { before: signature, after: candidate }, place),
    );
    if (twin === undefined) lost.push(signature);
    else open.delete(twin);
  }
  noteLost(walk, { lost, open: [...open] }, place);
}

interface Search {
  signature: ts.Signature;
  after: readonly ts.Signature[];
  /** Those of `after` that nothing is paired with yet. */
  open: ReadonlySet<ts.Signature>;
}

/** Signatures that may stand for another: those that are declared in the same words first, then those that are left. */
function sortCandidates({ signature, after, open }: Search): ts.Signature[] {
  const text = textOf(signature);
  const ranks = new Map(after.map((other) => [other, (textOf(other) === text ? 0 : 2) + (open.has(other) ? 0 : 1)]));
  return after.toSorted((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0));
}

function textOf({ declaration }: ts.Signature): string {
  return clip(declaration?.getText() ?? "");
}

/** Compares two signatures: type parameters, parameters, what they return. */
function compareSignature(
  walk: TypeWalk,
  { before, after }: { before: ts.Signature; after: ts.Signature },
  place: Place,
): void {
  const { ts } = walk;
  const inner = inside(place, place.where);
  compareTypeParameters(
    walk,
    { before: before.typeParameters ?? [], after: after.typeParameters ?? [] },
    { ...inner, use: flip(place.use) },
  );
  compareParameters(walk, { before, after }, inner);
  const [was, is] = [before.getReturnType(), after.getReturnType()];
  // Nobody uses what a function of type void returns, and a consumer's may return anything.
  const unused = place.use === "read" ? was : is;
  const where = `${place.where}()`;
  if ((unused.flags & ts.TypeFlags.Void) === 0) walk.compare(walk, { before: was, after: is }, inside(place, where));
  compareGuards(walk, { before, after }, inside(place, where));
}

/** Compares what the compiler concludes from a call: `value is T`, `asserts value`. */
function compareGuards(
  walk: TypeWalk,
  { before, after }: { before: ts.Signature; after: ts.Signature },
  place: Place,
): void {
  const [was, is] = [before, after].map((signature) => walk.checker.getTypePredicateOfSignature(signature));
  const [guarded, guards] = [printGuard(walk, was), printGuard(walk, is)];
  if (was === undefined || is === undefined || was.kind !== is.kind || was.parameterIndex !== is.parameterIndex) {
    if (guarded === guards) return;
    const change = guarded === "" ? "added" : guards === "" ? "removed" : "changed";
    const reason = "What the compiler concludes from a call is another.";
    const bump = (place.use === "supply" ? guards : guarded) === "" ? "minor" : "major";
    note(walk, { where: place.where, change, before: guarded, after: guards, bump, reason });
  } else if (was.type !== undefined && is.type !== undefined) {
    walk.compare(walk, { before: was.type, after: is.type }, place);
  }
}

interface Leftover {
  lost: readonly ts.Signature[];
  open: readonly ts.Signature[];
}

function noteLost(walk: TypeWalk, { lost, open }: Leftover, place: Place): void {
  const [before, after] = [lost[0], open[0]];
  if (before !== undefined && after !== undefined && lost.length === 1 && open.length === 1) {
    compareSignature(walk, { before, after }, place);
    return;
  }
  const isRead = place.use === "read";
  for (const signature of lost) {
    const reason = isRead ? "Calls in this form stop compiling." : "The function is no longer called in this form.";
    const text = printSignature(walk, signature);
    note(walk, { where: place.where, change: "removed", before: text, bump: isRead ? "major" : "minor", reason });
  }
  for (const signature of open) {
    const reason = isRead
      ? "A new form of call."
      : "A function that consumers supply must take calls in this form, too.";
    const text = printSignature(walk, signature);
    note(walk, { where: place.where, change: "added", after: text, bump: isRead ? "minor" : "major", reason });
  }
}

function printSignature({ checker }: TypeWalk, signature: ts.Signature): string {
  return clip(checker.signatureToString(signature));
}

function printGuard(walk: TypeWalk, guard: ts.TypePredicate | undefined): string {
  if (guard === undefined) return "";
  const type = guard.type === undefined ? "" : ` is ${describeType(walk, guard.type)}`;
  const { AssertsIdentifier, AssertsThis } = walk.ts.TypePredicateKind;
  const asserts = guard.kind === AssertsIdentifier || guard.kind === AssertsThis ? "asserts " : "";
  return `${asserts}${guard.parameterIndex ?? "this"}${type}`;
}
