import type { ConfigSchema } from "../schema/define-schema.ts";
import type { Field } from "../schema/field.ts";

/** A JSON Schema document. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * The JSON Schema of what a user writes, for editors: draft-07, the one draft that the YAML language server and VS Code's JSON
 * support both know whole. Units stand in the descriptions; cross-field rules are not part of it.
 */
export function toJsonSchema(schema: ConfigSchema): JsonSchema {
  const { $schema: _, ...body } = toPlain(schema.field);
  const properties = {
    // VS Code writes this key into JSON files.
    $schema: { type: "string", description: "Where an editor finds this schema." },
    ...(body["properties"] as object),
  };
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    $id: schema.id,
    title: schema.title,
    ...body,
    properties,
  };
}

function toPlain(field: Field): JsonSchema {
  const { unit, expected: _, secret: __, ...plain } = field;
  const description = describe(field, unit);
  const entries = Object.entries(plain).map(([key, value]) => [key, convertKeyword(key, value)] as const);
  return { ...Object.fromEntries(entries), ...(description === undefined ? {} : { description }) };
}

const keywordsOfMany = new Set(["properties", "definitions", "patternProperties"]);
const keywordsOfOne = new Set(["items", "propertyNames", "not", "contains"]);
const keywordsOfLists = new Set(["anyOf", "oneOf", "allOf", "items"]);

function convertKeyword(keyword: string, value: unknown): unknown {
  if (keywordsOfLists.has(keyword) && Array.isArray(value)) return value.map((each: Field) => toPlain(each));
  if (typeof value !== "object" || value === null) return value;
  if (keyword === "additionalProperties") return orNull(toPlain(value));
  if (keywordsOfOne.has(keyword)) return toPlain(value);
  if (!keywordsOfMany.has(keyword)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, toPlain(each as Field)]));
}

/** Under a name of the user's, null takes away what a lower layer put there. */
function orNull(schema: JsonSchema): JsonSchema {
  const { type } = schema;
  return typeof type === "string" ? { ...schema, type: [type, "null"] } : schema;
}

function describe(field: Field, unit: string | undefined): string | undefined {
  if (field.description === undefined) return undefined;
  const deprecation = field.deprecationMessage === undefined ? "" : ` Deprecated: ${field.deprecationMessage}.`;
  return `${field.description}${unit === undefined ? "" : ` Unit: ${unit}.`}${deprecation}`;
}
