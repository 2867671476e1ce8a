import type { JsonObject } from "../../gate.ts";
import type { ApiChange } from "../api-change.ts";
import { compareContents } from "./compare-contents.ts";
import { compareKeywords } from "./compare-keywords.ts";
import { listAlternatives } from "./list-alternatives.ts";
import { noteSchema, printValue, type Schema, type SchemaPair, type SchemaWalk, toCanonical } from "./schema-walk.ts";

/**
 * Compares two versions of a JSON Schema of what people write: whether every document that was accepted still is, and
 * means the same. `name` is put before each place.
 */
export function compareSchema(name: string, before: JsonObject, after: JsonObject): ApiChange[] {
  const walk: SchemaWalk = { roots: { before, after }, changes: [], open: [], compare };
  compare(walk, { before, after }, "");
  return walk.changes.map((change) => ({ ...change, where: change.where === "" ? name : `${name}: ${change.where}` }));
}

function compare(walk: SchemaWalk, pair: SchemaPair, where: string): void {
  const isOpen = walk.open.some(({ before, after }) => before === pair.before && after === pair.after);
  if (isOpen) return;
  const inner = { ...walk, open: [...walk.open, pair] };
  const before = listAlternatives(pair.before, walk.roots.before);
  const after = listAlternatives(pair.after, walk.roots.after);
  const [only, other] = [before[0], after[0]];
  if (before.length === 1 && after.length === 1 && only !== undefined && other !== undefined) {
    compareForms(inner, { before: only, after: other }, where);
  } else {
    compareAlternatives(inner, { before, after }, where);
  }
}

function compareForms(walk: SchemaWalk, { before, after }: SchemaPair, where: string): void {
  if (before === after) return;
  if (before === false) {
    noteSchema(walk, { where, change: "widened", bump: "minor", reason: "Something is accepted here now." });
    return;
  }
  if (after === false) {
    noteSchema(walk, { where, change: "narrowed", bump: "major", reason: "Nothing is accepted here any more." });
    return;
  }
  const pair = { before: before === true ? {} : before, after: after === true ? {} : after };
  compareKeywords(walk, pair, where);
  compareContents(walk, pair, where);
}

interface Alternatives {
  before: readonly Schema[];
  after: readonly Schema[];
}

/** Each form that was allowed must be allowed by one that is; the last one on each side is compared whatever it is. */
function compareAlternatives(walk: SchemaWalk, { before, after }: Alternatives, where: string): void {
  const open = new Set(after);
  const lost: Schema[] = [];
  for (const form of before) {
    const twin = findTwin(walk, { form, forms: [...open, ...after] }, where);
    if (twin === undefined) {
      lost.push(form);
      continue;
    }
    open.delete(twin);
    compareForms(walk, { before: form, after: twin }, where);
  }
  const [was, is] = [lost[0], [...open][0]];
  if (lost.length === 1 && open.size === 1 && was !== undefined && is !== undefined) {
    compareForms(walk, { before: was, after: is }, where);
    return;
  }
  for (const form of lost) {
    const reason = "A form that was accepted is in none of those that are.";
    noteSchema(walk, { where, change: "removed", before: printValue(form), bump: "major", reason });
  }
  for (const form of open) {
    noteSchema(walk, {
      where,
      change: "added",
      after: printValue(form),
      bump: "minor",
      reason: "Another form is accepted, too.",
    });
  }
}

interface Search {
  form: Schema;
  forms: readonly Schema[];
}

function findTwin(walk: SchemaWalk, { form, forms }: Search, where: string): Schema | undefined {
  const same = forms.find((other) => toCanonical(other) === toCanonical(form));
  if (same !== undefined) return same;
  return forms.find((other) => {
    const trial: SchemaWalk = { ...walk, changes: [] };
    compareForms(trial, { before: form, after: other }, where);
    return trial.changes.every(({ bump }) => bump !== "major");
  });
}
