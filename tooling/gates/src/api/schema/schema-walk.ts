import type { JsonObject, JsonValue } from "../../gate.ts";
import type { ApiChange } from "../api-change.ts";

/** A schema, which is an object, or true for anything and false for nothing. */
export type Schema = JsonObject | boolean;

/** A schema before and after. */
export interface SchemaPair {
  before: Schema;
  after: Schema;
}

/** The state of one comparison of schemas. */
export interface SchemaWalk {
  /** Whole documents, which references point into. */
  roots: { before: JsonObject; after: JsonObject };
  changes: ApiChange[];
  /** Pairs that are being compared: a schema may contain itself. */
  open: readonly SchemaPair[];
  /** Compares a pair; given, because keywords and alternatives contain schemas. */
  compare(walk: SchemaWalk, pair: SchemaPair, where: string): void;
}

/** Notes a change of a schema. */
export function noteSchema(walk: SchemaWalk, change: Omit<ApiChange, "kind">): void {
  walk.changes.push({ kind: "schema", ...change });
}

/** Whether a value is an object, not a list. */
export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value as a schema; what is no schema allows anything. */
export function asSchema(value: JsonValue | undefined): Schema {
  return typeof value === "boolean" || isObject(value) ? value : true;
}

const longestText = 200;

/** A value for a person, at most 200 characters. */
export function printValue(value: JsonValue): string {
  const text = JSON.stringify(value);
  return text.length > longestText ? `${text.slice(0, longestText - 1)}…` : text;
}

/** A value with its keys in order, for comparing. */
export function toCanonical(value: JsonValue | undefined): string {
  return JSON.stringify(value, (_key, inner: JsonValue) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}
