/** A JSON Schema of the parts that grammars cover. */
export type RandomSchema = Record<string, unknown>;

/** Makes a random schema, at most `depth` levels deep. */
export function randomSchema(random: () => number, depth = 3): RandomSchema {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
  const integer = (most: number): number => Math.floor(random() * (most + 1));
  const child = (): RandomSchema => randomSchema(random, depth - 1);
  const bounds = (): RandomSchema => {
    const least = integer(400) - 200;
    return pick([
      {},
      { minimum: least },
      { minimum: least, maximum: least + 1 + integer(300) },
      { exclusiveMaximum: least },
    ]);
  };
  const leaves: (() => RandomSchema)[] = [
    () => ({ type: "string", maxLength: 1 + integer(8) }),
    () => ({ type: "string", minLength: 2, maxLength: 5, title: "a title" }),
    () => ({ type: "string", format: pick(["date", "date-time", "time", "uuid", "ipv4", "email", "uri"]) }),
    () => ({ type: "integer", ...bounds() }),
    () => ({ type: "number", ...bounds() }),
    () => ({ type: pick(["boolean", "null"]) }),
    () => ({ enum: ['a\n"b\\', 3, null, true, { x: [1] }] }),
    () => ({ const: "käse\u0001" }),
    () => ({ type: [pick(["boolean", "integer"]), "null"] }),
  ];
  const containers: (() => RandomSchema)[] = [
    () => {
      const names = ["a", "b c", 'd"e', "ü", "__proto__"].slice(0, 1 + integer(4));
      return {
        type: "object",
        properties: Object.fromEntries(names.map((name) => [name, child()])),
        required: names.filter(() => random() < 0.5),
        additionalProperties: false,
      };
    },
    () => ({ type: "array", items: child(), minItems: integer(2), maxItems: 2 + integer(2) }),
    () => ({ type: "array", prefixItems: [child(), child()], items: false, minItems: 2, maxItems: 2 }),
    () => ({ anyOf: [child(), child()] }),
    () => ({ allOf: [child()] }),
  ];
  return depth > 0 && random() < 0.7 ? pick(containers)() : pick(leaves)();
}

/** Whether a value fits a schema that {@link randomSchema} made. */
export function fits(value: unknown, schema: RandomSchema): boolean {
  if ("const" in schema) return same(value, schema["const"]);
  if (Array.isArray(schema["enum"])) return schema["enum"].some((item) => same(value, item));
  const anyOf = (schema["anyOf"] ?? schema["allOf"]) as RandomSchema[] | undefined;
  if (anyOf !== undefined) return anyOf.some((one) => fits(value, one));
  const types = [schema["type"]].flat() as string[];
  return types.some((type) => fitsType(value, type, schema));
}

function fitsType(value: unknown, type: string, schema: RandomSchema): boolean {
  if (Array.isArray(value)) return type === "array" && fitsArray(value, schema);
  if (typeof value === "object" && value !== null)
    return type === "object" && fitsObject(value as RandomSchema, schema);
  if (typeof value === "string") return type === "string" && fitsString(value, schema);
  if (typeof value === "number") return isKind(value, type) && inBounds(value, schema);
  return value === null ? type === "null" : type === typeof value;
}

function isKind(value: number, type: string): boolean {
  return type === "number" || (type === "integer" && Number.isInteger(value));
}

function fitsString(value: string, schema: RandomSchema): boolean {
  const { minLength = 0, maxLength = Infinity } = schema as { minLength?: number; maxLength?: number };
  const { length } = Array.from(value);
  // A random model writes bytes that are no text; a grammar counts them in another way than readers do.
  if (value.includes("\u{FFFD}")) return true;
  return length >= minLength && length <= maxLength && fitsFormat(value, schema["format"]);
}

function fitsArray(value: readonly unknown[], schema: RandomSchema): boolean {
  const prefix = schema["prefixItems"] as RandomSchema[] | undefined;
  const { minItems = 0, maxItems = Infinity } = schema as { minItems?: number; maxItems?: number };
  if (value.length < minItems || value.length > maxItems) return false;
  return value.every((item, index) => fits(item, prefix?.[index] ?? (schema["items"] as RandomSchema)));
}

function fitsObject(value: RandomSchema, schema: RandomSchema): boolean {
  const properties = schema["properties"] as Record<string, RandomSchema>;
  const required = schema["required"] as string[];
  return (
    required.every((name) => Object.hasOwn(value, name)) &&
    Object.entries(value).every(([name, child]) => Object.hasOwn(properties, name) && fits(child, properties[name]!))
  );
}

function inBounds(value: number, schema: RandomSchema): boolean {
  const {
    minimum = -Infinity,
    maximum = Infinity,
    exclusiveMaximum = Infinity,
  } = schema as Record<string, number | undefined>;
  return value >= minimum && value <= maximum && value < exclusiveMaximum;
}

function fitsFormat(value: string, format: unknown): boolean {
  switch (format) {
    case "date":
      return isDate(value);
    case "date-time":
      return isDate(value.slice(0, 10)) && !Number.isNaN(Date.parse(value));
    case "time":
      return !Number.isNaN(Date.parse(`2024-01-01T${value}`));
    case "uuid":
      return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value);
    case "ipv4":
      return value.split(".").length === 4 && value.split(".").every((part) => Number(part) < 256);
    case "email":
      return /^[^@\s]+@[^@\s]+\.[a-z0-9]+$/.test(value);
    case "uri":
      return URL.canParse(value);
    default:
      return true;
  }
}

function isDate(value: string): boolean {
  const date = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value);
}

function same(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
