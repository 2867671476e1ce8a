import { HxpError } from "@hxp/errors";
import * as z from "zod";
import type { Path } from "../path.ts";
import { formatPath } from "../path.ts";
import type { Field } from "./field.ts";

/** What a rule knows beside the config. */
export interface RuleContext {
  /** The active environment, when one was chosen. */
  environment: string | undefined;
}

/** What a rule has to say. */
export interface RuleFinding {
  /** The key to point at; it need not be set. */
  path: Path;
  /** One sentence that names the values and what was expected. */
  message: string;
  /** Default `error`. */
  severity?: "error" | "warning";
  /** What to write instead. */
  expected?: string;
}

/** A cross-field rule: a pure function, run when the top-level keys that it reads are right one by one. */
export interface Rule<Config> {
  /** The top-level keys that `check` reads; it is given no others. */
  reads: readonly (keyof Config & string)[];
  check(config: Config, context: RuleContext): readonly RuleFinding[];
}

/** A configuration schema: the contract between this package and the packages `@hxp/schema-*`. */
export interface ConfigSchema<Shape extends z.ZodObject = z.ZodObject> {
  /** A name that does not change: the `$id` of the JSON Schema. */
  readonly id: string;
  readonly title: string;
  readonly schema: Shape;
  readonly rules: readonly Rule<z.output<Shape>>[];
  /** The schema as plain data, made once. */
  readonly field: Field;
}

/** What a user may write for a schema: defaults left out, durations and references as text. */
export type WrittenOf<Schema> = Schema extends ConfigSchema<infer Shape> ? z.input<Shape> : never;

/** What a program gets from a schema: defaults filled in, durations in milliseconds, references as secrets. */
export type ConfigOf<Schema> = Schema extends ConfigSchema<infer Shape> ? z.output<Shape> : never;

/** What {@link defineSchema} takes. */
export interface SchemaDefinition<Shape extends z.ZodObject> {
  id: string;
  title: string;
  schema: Shape;
  /** Default none. */
  rules?: readonly Rule<z.output<Shape>>[];
}

/**
 * Defines a schema. Keys carry `description`, `unit` and `expected` through zod's `.meta()`, and defaults through
 * `.default()`, or `.prefault()` where written and normalised form differ.
 * Throws CONFIG_SCHEMA_INVALID when a key has no description, a number no unit, or an object is not strict.
 */
export function defineSchema<const Shape extends z.ZodObject>(
  definition: SchemaDefinition<Shape>,
): ConfigSchema<Shape> {
  const { id, title, schema, rules = [] } = definition;
  const field = describe(schema);
  const faults = [...rootFaults(schema), ...faultsOf(field, [])];
  if (faults.length > 0) {
    throw new HxpError("CONFIG_SCHEMA_INVALID", `Schema ${id} is not well defined: ${faults.join("; ")}.`);
  }
  return Object.freeze({ id, title, schema, rules, field });
}

function rootFaults(schema: z.ZodObject): string[] {
  // Top-level keys are parsed one by one, so nothing would run these.
  return schema.def.checks === undefined || schema.def.checks.length === 0
    ? []
    : ["the root has refinements; use rules"];
}

function describe(schema: z.ZodObject): Field {
  const described: unknown = z.toJSONSchema(schema, {
    target: "draft-7",
    io: "input",
    unrepresentable: "any",
    reused: "inline",
    override: ({ jsonSchema }) => {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
  return described as Field;
}

function* faultsOf(field: Field, path: Path): Generator<string> {
  const name = formatPath(path);
  if (field.properties !== undefined && field.additionalProperties === undefined) {
    yield `${name === "" ? "the root" : name} takes unknown keys; use z.strictObject`;
  }
  for (const [key, child] of Object.entries(field.properties ?? {})) {
    const childPath = [...path, key];
    if (child.description === undefined) yield `${formatPath(childPath)} has no description`;
    if (isMeasured(child) && child.unit === undefined) yield `${formatPath(childPath)} is a number without a unit`;
    yield* faultsOf(child, childPath);
  }
  for (const nested of nestedFields(field)) yield* faultsOf(nested, path);
}

function isMeasured(field: Field): boolean {
  const isNumber = field.type === "number" || field.type === "integer";
  return isNumber && field.const === undefined && field.enum === undefined;
}

function nestedFields(field: Field): readonly Field[] {
  const { additionalProperties, items, anyOf = [], oneOf = [], allOf = [], definitions = {} } = field;
  const open = typeof additionalProperties === "object" ? [additionalProperties] : [];
  return [...open, ...[items ?? []].flat(), ...anyOf, ...oneOf, ...allOf, ...Object.values(definitions)];
}
