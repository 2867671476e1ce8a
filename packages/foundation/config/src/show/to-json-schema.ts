import type { ConfigSchema } from "../schema/define-schema.ts";
import type { Field } from "../schema/field.ts";

/** A JSON Schema document. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What {@link toJsonSchema} takes beside the schema. */
export interface JsonSchemaOptions {
  /** `overlay`: a file that is laid over another, where no key is required and null takes any key away. Default: `file`. */
  readonly for?: "file" | "overlay";
}

/**
 * The JSON Schema of what a user writes, for editors: draft-07, the one draft that the YAML language server and VS Code's JSON
 * support both know whole. As the reader does, it takes null, which means "not set", for every key that is not required.
 * Units stand in the descriptions; cross-field rules are not part of it.
 */
export function toJsonSchema(schema: ConfigSchema, options: JsonSchemaOptions = {}): JsonSchema {
  const isOverlay = options.for === "overlay";
  const { $schema: _, ...body } = toPlain(schema.field, isOverlay);
  const properties = {
    // VS Code writes this key into JSON files.
    $schema: { type: "string", description: "Where an editor finds this schema." },
    ...(body["properties"] as object),
  };
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    $id: isOverlay ? `${schema.id}:overlay` : schema.id,
    title: isOverlay ? `${schema.title}, laid over another` : schema.title,
    ...body,
    properties,
  };
}

function toPlain(field: Field, isOverlay: boolean): JsonSchema {
  const { unit, expected: _, secret: __, required, ...plain } = field;
  const description = describe(field, unit);
  const isRequired = (key: string): boolean => !isOverlay && required?.includes(key) === true;
  const entries = Object.entries(plain).map(([keyword, value]) => {
    if (keyword !== "properties") return [keyword, convertKeyword(keyword, value, isOverlay)] as const;
    const properties = Object.entries(field.properties ?? {}).map(([key, each]) => {
      const converted = toPlain(each, isOverlay);
      return [key, isRequired(key) ? converted : orNull(converted)] as const;
    });
    return [keyword, Object.fromEntries(properties)] as const;
  });
  return {
    ...Object.fromEntries(entries),
    ...(required === undefined || isOverlay ? {} : { required }),
    ...(description === undefined ? {} : { description }),
  };
}

const keywordsOfMany = new Set(["definitions", "patternProperties"]);
const keywordsOfOne = new Set(["items", "propertyNames", "not", "contains"]);
const keywordsOfLists = new Set(["anyOf", "oneOf", "allOf", "items"]);

function convertKeyword(keyword: string, value: unknown, isOverlay: boolean): unknown {
  const convert = (each: unknown): JsonSchema => toPlain(each as Field, isOverlay);
  if (keywordsOfLists.has(keyword) && Array.isArray(value)) return value.map(convert);
  if (typeof value !== "object" || value === null) return value;
  if (keyword === "additionalProperties") return orNull(convert(value));
  if (keywordsOfOne.has(keyword)) return convert(value);
  if (!keywordsOfMany.has(keyword)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, convert(each)]));
}

/** Null takes away what a lower layer put there. */
function orNull({ const: only, ...schema }: JsonSchema): JsonSchema {
  const { type, enum: values, anyOf, oneOf } = schema;
  if (only !== undefined) return { ...schema, ...withNullType(type), enum: [only, null] };
  if (Array.isArray(anyOf)) return { ...schema, anyOf: [...(anyOf as unknown[]), { type: "null" }] };
  if (Array.isArray(oneOf)) return { ...schema, oneOf: [...(oneOf as unknown[]), { type: "null" }] };
  const allowed = Array.isArray(values) ? { enum: [...(values as unknown[]), null] } : {};
  return { ...schema, ...withNullType(type), ...allowed };
}

function withNullType(type: unknown): { type?: unknown } {
  if (typeof type === "string") return { type: [type, "null"] };
  return Array.isArray(type) ? { type: [...new Set<unknown>([...(type as unknown[]), "null"])] } : {};
}

function describe(field: Field, unit: string | undefined): string | undefined {
  if (field.description === undefined) return undefined;
  const deprecation = field.deprecationMessage === undefined ? "" : ` Deprecated: ${field.deprecationMessage}.`;
  return `${field.description}${unit === undefined ? "" : ` Unit: ${unit}.`}${deprecation}`;
}
