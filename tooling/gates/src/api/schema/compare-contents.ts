import type { JsonObject, JsonValue } from "../../gate.ts";
import type { FormPair } from "./compare-keywords.ts";
import { asSchema, isObject, noteSchema, printValue, type SchemaWalk } from "./schema-walk.ts";

/** Compares what a form asks of the members of objects and lists. */
export function compareContents(walk: SchemaWalk, pair: FormPair, where: string): void {
  compareKeys(walk, pair, where);
  compareInner(walk, { ...pair, keyword: "additionalProperties" }, joinPath(where, "*"));
  compareInner(walk, { ...pair, keyword: "propertyNames" }, `${where} (keys)`);
  compareItems(walk, pair, where);
  const [was, is] = [pair.before["patternProperties"], pair.after["patternProperties"]];
  const patterns = { before: isObject(was) ? was : {}, after: isObject(is) ? is : {} };
  for (const keyword of new Set([...Object.keys(patterns.before), ...Object.keys(patterns.after)])) {
    compareInner(walk, { ...patterns, keyword }, joinPath(where, `/${keyword}/`));
  }
}

function compareKeys(walk: SchemaWalk, { before, after }: FormPair, where: string): void {
  const [was, is] = [propertiesOf(before), propertiesOf(after)];
  const [demanded, demands] = [requiredOf(before), requiredOf(after)];
  for (const [key, schema] of Object.entries(was)) {
    const at = joinPath(where, key);
    const next = Object.hasOwn(is, key) ? is[key] : undefined;
    if (next === undefined) {
      const isRefused = after["additionalProperties"] === false;
      const reason = isRefused ? "The key is refused now." : "The key is accepted and has no meaning any more.";
      noteSchema(walk, { where: at, change: "removed", before: printValue(schema), bump: "major", reason });
      continue;
    }
    walk.compare(walk, { before: asSchema(schema), after: asSchema(next) }, at);
    if (demanded.has(key) === demands.has(key)) continue;
    const [change, bump, reason] = demands.has(key)
      ? (["narrowed", "major", "The key must be given now."] as const)
      : (["widened", "minor", "The key can be left out."] as const);
    noteSchema(walk, { where: at, change, bump, reason });
  }
  for (const [key, schema] of Object.entries(is).filter(([name]) => !Object.hasOwn(was, name))) {
    const at = joinPath(where, key);
    const [bump, reason] = demands.has(key)
      ? (["major", "A new key that must be given."] as const)
      : (["minor", "A new key."] as const);
    noteSchema(walk, { where: at, change: "added", after: printValue(schema), bump, reason });
  }
}

function propertiesOf({ properties }: JsonObject): JsonObject {
  return isObject(properties) ? properties : {};
}

function requiredOf({ required }: JsonObject): Set<JsonValue> {
  return new Set(Array.isArray(required) ? required : []);
}

function compareInner(
  walk: SchemaWalk,
  { before, after, keyword }: FormPair & { keyword: string },
  where: string,
): void {
  const [was, is] = [asSchema(before[keyword]), asSchema(after[keyword])];
  if (was !== true || is !== true) walk.compare(walk, { before: was, after: is }, where);
}

/** Lists: `prefixItems` and `items`, or the two forms of `items` that came before them. */
function compareItems(walk: SchemaWalk, { before, after }: FormPair, where: string): void {
  const [was, is] = [readItems(before), readItems(after)];
  const length = Math.max(was.first.length, is.first.length);
  for (let index = 0; index < length; index += 1) {
    const pair = { before: asSchema(was.first[index] ?? was.rest), after: asSchema(is.first[index] ?? is.rest) };
    walk.compare(walk, pair, `${where}[${index}]`);
  }
  if (was.rest !== undefined || is.rest !== undefined) {
    walk.compare(walk, { before: asSchema(was.rest), after: asSchema(is.rest) }, `${where}[]`);
  }
}

function readItems(schema: JsonObject): { first: JsonValue[]; rest: JsonValue | undefined } {
  const { items, prefixItems, additionalItems } = schema;
  if (Array.isArray(items)) return { first: items, rest: additionalItems };
  return { first: Array.isArray(prefixItems) ? prefixItems : [], rest: items };
}

function joinPath(where: string, key: string): string {
  return where === "" ? key : `${where}.${key}`;
}
