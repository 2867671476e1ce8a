import type { JsonObject, JsonValue } from "../../gate.ts";
import type { ApiChange } from "../api-change.ts";
import type { PackedPackage } from "../packed-package.ts";
import { compareSchema } from "./compare-schema.ts";
import { isObject } from "./schema-walk.ts";

/** The JSON Schemas in a package, by path: files that say so by `$schema`, or by their name. */
function readSchemas({ files }: PackedPackage): ReadonlyMap<string, JsonObject> {
  const schemas = [...files]
    .filter(([path]) => path.endsWith(".json") && path !== "package.json")
    .flatMap(([path, bytes]): [string, JsonObject][] => {
      const value = parse(new TextDecoder().decode(bytes));
      return isObject(value) && isSchema(path, value) ? [[path, value]] : [];
    });
  return new Map(schemas);
}

/** Compares the schemas of a package, file by file. */
export function compareSchemas(before: PackedPackage, after: PackedPackage): ApiChange[] {
  const [was, is] = [readSchemas(before), readSchemas(after)];
  const compared = [...was].flatMap(([path, schema]): ApiChange[] => {
    const next = is.get(path);
    if (next !== undefined) return compareSchema(path, schema, next);
    const reason = "The schema is gone, with every key in it.";
    return [{ kind: "schema", where: path, change: "removed", bump: "major", reason }];
  });
  const added = [...is.keys()]
    .filter((path) => !was.has(path))
    .map((path): ApiChange => {
      return { kind: "schema", where: path, change: "added", bump: "minor", reason: "A new schema." };
    });
  return [...compared, ...added];
}

/** How many keys the schemas of a package name. */
export function countKeys(item: PackedPackage): number {
  return [...readSchemas(item).values()].reduce((sum, schema) => sum + countIn(schema), 0);
}

function countIn(value: JsonValue): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + countIn(item), 0);
  if (!isObject(value)) return 0;
  const { properties } = value;
  const own = isObject(properties) ? Object.keys(properties).length : 0;
  return Object.values(value).reduce<number>((sum, item) => sum + countIn(item), own);
}

function isSchema(path: string, { $schema }: JsonObject): boolean {
  const isNamed = /(^|[./])schema\.json$/.test(path);
  return isNamed || (typeof $schema === "string" && $schema.includes("json-schema.org/"));
}

function parse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
