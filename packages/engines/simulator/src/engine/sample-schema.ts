import { pickNumber, pickOne, type Random } from "./random.ts";

type Schema = Readonly<Record<string, unknown>>;

const words = ["amber", "birch", "cedar", "delta", "ember", "fjord"] as const;
const mostDepth = 24;

/**
 * Makes a value that matches a JSON Schema, of the parts that structured output takes: type, properties, required,
 * items, enum, const, anyOf, oneOf, allOf, $ref within the schema, and the bounds of numbers, texts and lists.
 * Throws RangeError where there is none that ends, such as a schema that requires itself.
 */
export function sampleSchema(schema: Schema, random: Random): unknown {
  return sample({ root: schema, random, depth: 0 }, schema);
}

interface Sampling {
  readonly root: Schema;
  readonly random: Random;
  readonly depth: number;
}

function sample(context: Sampling, schema: Schema): unknown {
  if (context.depth > mostDepth) throw new RangeError("The schema has no value that ends");
  const inner = { ...context, depth: context.depth + 1 };
  if ("const" in schema) return schema["const"];
  if (isFull(schema["enum"])) return pickOne(context.random, schema["enum"]);
  if (typeof schema["$ref"] === "string") return sample(inner, resolve(context.root, schema["$ref"]));
  const choices = schema["anyOf"] ?? schema["oneOf"];
  // The first choice that ends: a list or a tree ends with its other branch.
  if (isFull(choices)) return sampleChoice(inner, choices);
  if (isFull(schema["allOf"])) return sample(inner, mergeAll(schema, schema["allOf"]));
  return sampleType(inner, schema);
}

function sampleChoice(context: Sampling, choices: readonly unknown[]): unknown {
  for (const choice of choices) {
    try {
      return sample(context, toSchema(choice));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  throw new RangeError("No choice of the schema has a value that ends");
}

function sampleType(context: Sampling, schema: Schema): unknown {
  const { random } = context;
  const [type] = [schema["type"] ?? (schema["properties"] === undefined ? "string" : "object")].flat();
  if (type === "object") return sampleObject(context, schema);
  if (type === "array") return sampleList(context, schema);
  if (type === "integer") return sampleNumber(schema, random);
  if (type === "number") return sampleNumber(schema, random);
  if (type === "boolean") return random() < 0.5;
  if (type === "null") return null;
  return sampleText(schema, random);
}

function sampleObject(context: Sampling, schema: Schema): Record<string, unknown> {
  const properties = Object.entries(toSchema(schema["properties"]));
  const required = new Set(Array.isArray(schema["required"]) ? schema["required"] : []);
  // What may be left out is left out deep down, so that schemas that hold themselves end.
  const kept = properties.filter(([name]) => required.has(name) || context.depth < mostDepth / 2);
  return Object.fromEntries(kept.map(([name, child]) => [name, sample(context, toSchema(child))]));
}

function sampleList(context: Sampling, schema: Schema): unknown[] {
  const least = toNumber(schema["minItems"], context.depth < mostDepth / 2 ? 1 : 0);
  const length = Math.min(least, toNumber(schema["maxItems"], Number.POSITIVE_INFINITY));
  return Array.from({ length }, () => sample(context, toSchema(schema["items"])));
}

function sampleNumber(schema: Schema, random: Random): number {
  const step = toNumber(schema["multipleOf"], schema["type"] === "number" ? 0.5 : 1);
  const above = toNumber(schema["exclusiveMinimum"], Number.NEGATIVE_INFINITY);
  const least = Math.max(toNumber(schema["minimum"], Number.NEGATIVE_INFINITY), above);
  const below = toNumber(schema["exclusiveMaximum"], Number.POSITIVE_INFINITY);
  const most = Math.min(toNumber(schema["maximum"], Number.POSITIVE_INFINITY), below);
  const from = Number.isFinite(least) ? least : Math.min(0, most - 100 * step);
  let low = Math.ceil(from / step);
  let high = Math.floor(Math.min(most, from + 100 * step) / step);
  if (low * step <= above) low += 1;
  if (high * step >= below) high -= 1;
  return high < low ? from : pickNumber(random, low, high) * step;
}

const formats: Readonly<Record<string, string>> = {
  date: "2026-01-31",
  time: "12:30:00Z",
  "date-time": "2026-01-31T12:30:00Z",
  duration: "PT1H",
  email: "someone@example.com",
  hostname: "host.example.com",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
  uri: "https://example.com/",
  uuid: "0b4e8a52-6f0c-4d0e-9f43-2b7a1c5d9e10",
};

function sampleText(schema: Schema, random: Random): string {
  const format = typeof schema["format"] === "string" ? formats[schema["format"]] : undefined;
  if (format !== undefined) return format;
  const text = pickOne(random, words).padEnd(toNumber(schema["minLength"], 0), "a");
  return text.slice(0, toNumber(schema["maxLength"], text.length));
}

function mergeAll(schema: Schema, parts: readonly unknown[]): Schema {
  const all = [{ ...schema, allOf: undefined }, ...parts.map(toSchema)];
  const properties = Object.assign({}, ...all.map((part) => part["properties"] ?? {})) as Schema;
  const required = all.flatMap((part) => (Array.isArray(part["required"]) ? part["required"] : []));
  const merged = Object.assign({}, ...all) as Schema;
  return { ...merged, ...(Object.keys(properties).length === 0 ? {} : { properties, required }) };
}

/** What a reference such as `#/$defs/node` leads to. */
function resolve(root: Schema, reference: string): Schema {
  const steps = reference.replace(/^#\/?/, "").split("/").filter(Boolean);
  const names = steps.map((step) => decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~"));
  return names.reduce<Schema>((at, name) => toSchema(Object.hasOwn(at, name) ? at[name] : undefined), root);
}

function toSchema(value: unknown): Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Schema) : {};
}

function toNumber(value: unknown, otherwise: number): number {
  return typeof value === "number" ? value : otherwise;
}

function isFull(value: unknown): value is [unknown, ...unknown[]] {
  return Array.isArray(value) && value.length > 0;
}
