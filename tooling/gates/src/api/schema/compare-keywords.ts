import type { JsonObject, JsonValue } from "../../gate.ts";
import { noteSchema, printValue, type SchemaWalk, toCanonical } from "./schema-walk.ts";

/** Two forms of a schema, without alternatives. */
export interface FormPair {
  before: JsonObject;
  after: JsonObject;
}

/** Compares what a form asks of a value itself: type, values, limits; not of what is inside it. */
export function compareKeywords(walk: SchemaWalk, pair: FormPair, where: string): void {
  compareTypes(walk, pair, where);
  compareValues(walk, pair, where);
  for (const keyword of lowerLimits) compareLimit(walk, { ...pair, keyword, isUpper: false }, where);
  for (const keyword of upperLimits) compareLimit(walk, { ...pair, keyword, isUpper: true }, where);
  for (const keyword of opaqueKeywords) compareOpaque(walk, { ...pair, keyword }, where);
  compareDefaults(walk, pair, where);
}

const lowerLimits = ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains"];
const upperLimits = ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains"];

/** Keywords of which one value cannot be told to allow more than another. */
const opaqueKeywords = (
  "$ref $dynamicRef pattern format multipleOf uniqueItems contentEncoding contentMediaType not if then else contains " +
  "dependentRequired dependentSchemas dependencies unevaluatedProperties unevaluatedItems"
).split(" ");

function compareTypes(walk: SchemaWalk, { before, after }: FormPair, where: string): void {
  const [was, is] = [typesOf(before), typesOf(after)];
  const lost = was.filter((type) => !is.includes(type) && !(type === "integer" && is.includes("number")));
  const gained = is.filter((type) => !was.includes(type) && !(type === "integer" && was.includes("number")));
  const texts = { before: was.join(" | "), after: is.join(" | ") };
  if (lost.length > 0) {
    const reason = `A value of type ${lost.join(" or ")} is no longer accepted.`;
    noteSchema(walk, { where, change: "narrowed", ...texts, bump: "major", reason });
  } else if (gained.length > 0) {
    const reason = `A value of type ${gained.join(" or ")} is accepted, too.`;
    noteSchema(walk, { where, change: "widened", ...texts, bump: "minor", reason });
  }
}

const allTypes = ["null", "boolean", "number", "string", "array", "object"];

function typesOf({ type }: JsonObject): string[] {
  if (typeof type === "string") return [type];
  return Array.isArray(type) ? type.map(String) : allTypes;
}

function compareValues(walk: SchemaWalk, { before, after }: FormPair, where: string): void {
  const [was, is] = [valuesOf(before), valuesOf(after)];
  if (was === undefined && is === undefined) return;
  const texts = {
    ...(was === undefined ? {} : { before: printValue(was) }),
    ...(is === undefined ? {} : { after: printValue(is) }),
  };
  const lost = is === undefined ? [] : (was ?? ["any other value"]).filter((value) => !hasValue(is, value));
  const gained = was === undefined ? [] : (is ?? ["any other value"]).filter((value) => !hasValue(was, value));
  if (lost.length > 0) {
    const reason = `No longer accepted: ${printValue(lost)}.`;
    noteSchema(walk, { where, change: "narrowed", ...texts, bump: "major", reason });
  } else if (gained.length > 0) {
    noteSchema(walk, {
      where,
      change: "widened",
      ...texts,
      bump: "minor",
      reason: `Accepted, too: ${printValue(gained)}.`,
    });
  }
}

function valuesOf({ const: only, enum: list }: JsonObject): JsonValue[] | undefined {
  if (only !== undefined) return [only];
  return Array.isArray(list) ? list : undefined;
}

function hasValue(list: readonly JsonValue[], value: JsonValue): boolean {
  return list.some((item) => toCanonical(item) === toCanonical(value));
}

interface Limit extends FormPair {
  keyword: string;
  isUpper: boolean;
}

function compareLimit(walk: SchemaWalk, { before, after, keyword, isUpper }: Limit, where: string): void {
  const [was, is] = [before[keyword], after[keyword]];
  if (was === is || (typeof was !== "number" && typeof is !== "number")) return;
  const texts = {
    before: `${keyword}: ${typeof was === "number" ? was : "none"}`,
    after: `${keyword}: ${typeof is === "number" ? is : "none"}`,
  };
  const none = isUpper ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  const [from, to] = [typeof was === "number" ? was : none, typeof is === "number" ? is : none];
  const isNarrower = isUpper ? to < from : to > from;
  const [change, bump] = isNarrower ? (["narrowed", "major"] as const) : (["widened", "minor"] as const);
  const reason = isNarrower
    ? `Values beyond ${to} are no longer accepted.`
    : `Values beyond ${from} are accepted, too.`;
  noteSchema(walk, { where, change, ...texts, bump, reason });
}

interface Opaque extends FormPair {
  keyword: string;
}

function compareOpaque(walk: SchemaWalk, { before, after, keyword }: Opaque, where: string): void {
  const [was, is] = [before[keyword], after[keyword]];
  if (toCanonical(was) === toCanonical(is)) return;
  const texts = {
    ...(was === undefined ? {} : { before: `${keyword}: ${printValue(was)}` }),
    ...(is === undefined ? {} : { after: `${keyword}: ${printValue(is)}` }),
  };
  if (is === undefined || is === false) {
    noteSchema(walk, {
      where,
      change: "widened",
      ...texts,
      bump: "minor",
      reason: `\`${keyword}\` no longer restricts the value.`,
    });
    return;
  }
  const reason = `It cannot be shown that every value that was accepted satisfies the new \`${keyword}\`.`;
  noteSchema(walk, { where, change: was === undefined ? "narrowed" : "changed", ...texts, bump: "major", reason });
}

function compareDefaults(walk: SchemaWalk, { before, after }: FormPair, where: string): void {
  const [was, is] = [before["default"], after["default"]];
  if (toCanonical(was) === toCanonical(is)) return;
  const texts = {
    ...(was === undefined ? {} : { before: printValue(was) }),
    ...(is === undefined ? {} : { after: printValue(is) }),
  };
  const reason = "Who leaves the key out gets another value.";
  noteSchema(walk, { where, change: "changed", ...texts, bump: "minor", reason });
}
