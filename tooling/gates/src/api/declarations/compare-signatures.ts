import type ts from "typescript";
import { compareParameters } from "./compare-parameters.ts";
import { compareTypeParameters } from "./compare-type-parameters.ts";
import { clip, describeType, flip, forkWalk, inside, note, type Place, type TypeWalk } from "./type-walk.ts";

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
    const twin = findTwin(walk, { signature, others: after, open }, place);
    if (twin === undefined) lost.push(signature);
    else {
      open.delete(twin);
      compareSignature(walk, { before: signature, after: twin }, place);
    }
  }
  noteLost(walk, { lost, open: [...open] }, place);
}

/** Compares two signatures: type parameters, parameters, what they return. */
export function compareSignature(
  walk: TypeWalk,
  { before, after }: { before: ts.Signature; after: ts.Signature },
  place: Place,
): void {
  const { ts, checker } = walk;
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
  const [guarded, guards] = [before, after].map((signature) =>
    printGuard(walk, checker.getTypePredicateOfSignature(signature)),
  );
  if (guarded === guards) return;
  const change = guarded === "" ? "added" : guards === "" ? "removed" : "changed";
  const reason = "What the compiler concludes from a call is another.";
  const isBreaking = place.use === "supply" ? guards !== "" : guarded !== "";
  note(walk, {
    where,
    change,
    before: guarded ?? "",
    after: guards ?? "",
    bump: isBreaking ? "major" : "minor",
    reason,
  });
}

interface Search {
  signature: ts.Signature;
  others: readonly ts.Signature[];
  open: ReadonlySet<ts.Signature>;
}

/** A signature that stands for another: the same text first, then one that breaks nothing. */
function findTwin(walk: TypeWalk, { signature, others, open }: Search, place: Place): ts.Signature | undefined {
  const candidates = [...open, ...others.filter((other) => !open.has(other))];
  const costs = candidates.map((other) => ({ other, cost: costOf(walk, { before: signature, after: other }, place) }));
  return costs.filter(({ cost }) => cost !== undefined).toSorted((a, b) => (a.cost ?? 0) - (b.cost ?? 0))[0]?.other;
}

/** How many harmless differences there are; undefined when one is breaking. */
function costOf(walk: TypeWalk, pair: { before: ts.Signature; after: ts.Signature }, place: Place): number | undefined {
  const trial = forkWalk(walk);
  compareSignature(trial, pair, place);
  return trial.changes.some(({ bump }) => bump === "major") ? undefined : trial.changes.length;
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
