import { literal } from "./grammar-rules.ts";
import {
  countRange,
  isSchemaObject,
  type Schema,
  type SchemaContext,
  type SchemaObject,
  unsupported,
} from "./schema-context.ts";

/** The body of a rule for an object: declared properties in their order, those that are not required may be left out. */
export function objectRule(schema: SchemaObject, path: string, context: SchemaContext): string {
  const properties = schema["properties"] ?? {};
  const required = schema["required"] ?? [];
  const rest = schema["additionalProperties"] ?? true;
  if (!isSchemaObject(properties)) throw unsupported(`${path}/properties`, "is no object");
  if (!Array.isArray(required)) throw unsupported(`${path}/required`, "is no list");
  const names = [...new Set([...Object.keys(properties), ...required.map(String)])];
  if (names.length === 0) return mapRule(rest, path, context);
  const members = names.map((name) => {
    const isDeclared = Object.hasOwn(properties, name);
    if (!isDeclared && rest === false) throw unsupported(`${path}/required`, `names ${name}, which is not allowed`);
    const child = isDeclared
      ? context.visit(properties[name], `${path}/properties/${name}`)
      : context.visit(rest, `${path}/additionalProperties`);
    const value = context.rules.add(child);
    return { pair: `${literal(JSON.stringify(name))} ":" ws ${value} ws`, isRequired: required.includes(name) };
  });
  return `"{" ws ${membersRule(members, context)} "}"`;
}

interface Member {
  readonly pair: string;
  readonly isRequired: boolean;
}

/** From the last to the first: what may follow when nothing stands before, and when a comma must. */
function membersRule(members: readonly Member[], context: SchemaContext): string {
  let first = `""`;
  let next = `""`;
  for (const { pair, isRequired } of members.toReversed()) {
    const begin = `${pair} ${next}`;
    const goOn = `"," ws ${pair} ${next}`;
    const [firstBody, nextBody] = isRequired ? [begin, goOn] : [`${begin} | ${first}`, `${goOn} | ${next}`];
    first = context.rules.add(firstBody);
    next = context.rules.add(nextBody);
  }
  return first;
}

function mapRule(rest: Schema, path: string, context: SchemaContext): string {
  if (rest === false) return `"{" ws "}"`;
  if (rest === true) return "object";
  const value = context.rules.add(context.visit(rest, `${path}/additionalProperties`));
  const pair = `string ":" ws ${value} ws`;
  return `"{" ws ( ${pair} ( "," ws ${pair} )* )? "}"`;
}

/** The body of a rule for an array. */
export function arrayRule(schema: SchemaObject, path: string, context: SchemaContext): string {
  if (Array.isArray(schema["prefixItems"])) return tupleRule(schema["prefixItems"], { schema, path, context });
  const items = schema["items"] ?? true;
  const item = context.rules.add(`${context.rules.add(context.visit(items, `${path}/items`))} ws`);
  const counts = countRange(schema, { path, least: "minItems", most: "maxItems" });
  return `"[" ws ${listOf(item, counts)} "]"`;
}

/** `counts` is a repetition as {@link countRange} writes it; the first item has no comma before it. */
function listOf(item: string, counts: string): string {
  const [, least = "0", most = ""] = /^\{(\d+),(\d*)\}$/.exec(counts) ?? [];
  if (most === "0") return `""`;
  const more = `{${Math.max(Number(least) - 1, 0)},${most === "" ? "" : Number(most) - 1}}`;
  const list = `${item} ( "," ws ${item} )${more === "{0,}" ? "*" : more}`;
  return least === "0" ? `( ${list} )?` : list;
}

function tupleRule(
  items: readonly Schema[],
  { schema, path, context }: { schema: SchemaObject; path: string; context: SchemaContext },
): string {
  const hasCounts = schema["minItems"] !== undefined || schema["maxItems"] !== undefined;
  const isWhole = [schema["minItems"], schema["maxItems"]].every(
    (count) => count === undefined || count === items.length,
  );
  if (hasCounts && !isWhole) throw unsupported(`${path}/prefixItems`, "stands beside another count of items");
  const rules = items.map(
    (item, index) => `${context.rules.add(context.visit(item, `${path}/prefixItems/${index}`))} ws`,
  );
  return `"[" ws ${rules.join(' "," ws ')} "]"`;
}
