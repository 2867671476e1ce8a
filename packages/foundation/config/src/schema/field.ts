import type { Path } from "../path.ts";

/** A schema as plain data: the JSON Schema of what a user writes, with this house's own words beside it. */
export interface Field {
  type?: string | readonly string[];
  properties?: Readonly<Record<string, Field>>;
  additionalProperties?: Field | boolean;
  propertyNames?: Field;
  required?: readonly string[];
  items?: Field | readonly Field[];
  anyOf?: readonly Field[];
  oneOf?: readonly Field[];
  allOf?: readonly Field[];
  $ref?: string;
  definitions?: Readonly<Record<string, Field>>;
  description?: string;
  default?: unknown;
  enum?: readonly unknown[];
  const?: unknown;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
  format?: string;
  deprecated?: boolean;
  /** What a value is measured in: `milliseconds`, `bytes`, `TCP port`. */
  unit?: string;
  /** In words, what is expected here: `an absolute path`. */
  expected?: string;
  /** Whether the value is a secret's reference. */
  secret?: boolean;
  /** What to write in place of a deprecated key. */
  deprecationMessage?: string;
}

/** What a schema says about one path: the field itself and, for a union, each alternative. */
export type Fields = readonly Field[];

/** The fields at a path. Empty when the schema has no such path. */
export function fieldsAt(root: Field, path: Path): Fields {
  return path.reduce<Fields>((fields, segment) => childFields(root, fields, segment), alternatives(root, root));
}

/** The fields one step below others. */
export function childFields(root: Field, fields: Fields, segment: string | number): Fields {
  return fields.flatMap((field) => {
    const child = typeof segment === "number" ? itemOf(field, segment) : propertyOf(field, segment);
    return child === undefined ? [] : alternatives(root, child);
  });
}

function itemOf(field: Field, index: number): Field | undefined {
  const { items } = field;
  if (items === undefined || !isFieldList(items)) return items;
  return items[index];
}

function isFieldList(items: Field | readonly Field[]): items is readonly Field[] {
  return Array.isArray(items);
}

function propertyOf(field: Field, key: string): Field | undefined {
  if (field.properties !== undefined && Object.hasOwn(field.properties, key)) return field.properties[key];
  return typeof field.additionalProperties === "object" ? field.additionalProperties : undefined;
}

/** A field with the alternatives of its unions and references resolved. */
export function alternatives(root: Field, field: Field): Fields {
  const target = field.$ref === undefined ? undefined : resolve(root, field.$ref);
  const nested = [...(field.anyOf ?? []), ...(field.oneOf ?? []), ...(field.allOf ?? [])];
  const below = target === undefined ? nested : [target, ...nested];
  return [field, ...below.flatMap((each) => alternatives(root, each))];
}

function resolve(root: Field, reference: string): Field | undefined {
  return reference === "#" ? root : root.definitions?.[reference.replace("#/definitions/", "")];
}

/** The keys that a map at these fields may have by name. */
export function keysOf(fields: Fields): readonly string[] {
  return [...new Set(fields.flatMap((field) => Object.keys(field.properties ?? {})))];
}

/** Whether a map at these fields takes names of the user's. */
export function takesFreeKeys(fields: Fields): boolean {
  return fields.some((field) => typeof field.additionalProperties === "object");
}

/** The types that a value at these fields may have, in JSON Schema's words. */
export function typesOf(fields: Fields): ReadonlySet<string> {
  return new Set(fields.flatMap((field) => field.type ?? []));
}

/** Whether these fields hold a secret. */
export function isSecretField(fields: Fields): boolean {
  return fields.some((field) => field.secret === true);
}

/** The first of the fields that answers a question, and its answer. */
export function firstOf<Key extends keyof Field>(fields: Fields, key: Key): Field[Key] | undefined {
  return fields.find((field) => field[key] !== undefined)?.[key];
}
