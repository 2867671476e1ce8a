import { HxpError } from "@hxp/errors";
import type { GrammarRules } from "./grammar-rules.ts";

/** A JSON Schema, or what stands in the place of one. */
export type Schema = unknown;

/** A schema that is an object. */
export type SchemaObject = Readonly<Record<string, unknown>>;

/** What the rules of a schema are made with. */
export interface SchemaContext {
  readonly rules: GrammarRules;
  /** What references begin at. */
  readonly root: Schema;
  /** Rules of schemas that were referred to, by their pointer. */
  readonly referred: Map<string, string>;
  /** Returns the body of a rule for a schema at a path. */
  readonly visit: (schema: Schema, path: string) => string;
}

/** Tells an object from other JSON. */
export function isSchemaObject(value: Schema): value is SchemaObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** ENGINE_UNSUPPORTED for a place in a schema. */
export function unsupported(path: string, found: string): HxpError {
  return new HxpError("ENGINE_UNSUPPORTED", `The schema cannot be made a grammar: ${path} ${found}`, {
    details: { path },
    hint: "Leave that part out of the schema and check the answer for it afterwards.",
  });
}

/** Most repetitions that llama.cpp's grammars take; what is longer is allowed, so shorter answers are right, too. */
const mostRepetitions = 1000;

/** The repetition that two keywords ask for, such as `{2,5}`, or `*`. Throws ENGINE_UNSUPPORTED. */
export function countRange(schema: SchemaObject, keys: { path: string; least: string; most: string }): string {
  const read = (key: string): number | undefined => {
    const value = schema[key];
    if (value === undefined) return undefined;
    if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
    throw unsupported(`${keys.path}/${key}`, `is ${JSON.stringify(value)}, expected a count`);
  };
  const [least = 0, most] = [read(keys.least), read(keys.most)];
  if (least > mostRepetitions) throw unsupported(`${keys.path}/${keys.least}`, `is more than ${mostRepetitions}`);
  if (most !== undefined && most < least) throw unsupported(`${keys.path}/${keys.most}`, `is less than ${keys.least}`);
  if (most === undefined) return least === 0 ? "*" : `{${least},}`;
  return `{${least},${Math.min(most, mostRepetitions)}}`;
}
