import { excludeBounds, integerRange, numberRange } from "./number-range.ts";
import { countRange, type SchemaObject, unsupported } from "./schema-context.ts";
import { formats } from "./schema-formats.ts";

/** The body of a rule for a string. */
export function stringRule(schema: SchemaObject, path: string): string {
  const { format } = schema;
  const counts = countRange(schema, { path, least: "minLength", most: "maxLength" });
  if (format === undefined) return counts === "*" ? "string" : `"\\"" char${counts} "\\""`;
  const inside = typeof format === "string" && Object.hasOwn(formats, format) ? formats[format] : undefined;
  if (inside === undefined) throw unsupported(`${path}/format`, `is ${JSON.stringify(format)}`);
  if (counts !== "*") throw unsupported(`${path}/format`, "stands beside a length");
  return `"\\"" ${inside} "\\""`;
}

/** The body of a rule for a number. */
export function numberRule(schema: SchemaObject, { path, isInteger }: { path: string; isInteger: boolean }): string {
  const read = (key: string): number | undefined => {
    const value = schema[key];
    if (value === undefined || (typeof value === "number" && Number.isFinite(value))) return value;
    throw unsupported(`${path}/${key}`, `is ${JSON.stringify(value)}, expected a number`);
  };
  const least = tighter(read("minimum"), read("exclusiveMinimum"), Math.max);
  const most = tighter(read("maximum"), read("exclusiveMaximum"), Math.min);
  if (least.value === undefined && most.value === undefined) return isInteger ? "integer" : "number";
  const range = { least: least.value, most: most.value };
  const excluded = { least: least.isExcluded, most: most.isExcluded };
  const rule = isInteger ? integerRange(excludeBounds(range, excluded)) : numberRange(range, excluded);
  if (rule === undefined) throw unsupported(path, "has a range without an integer in it");
  return rule;
}

function tighter(
  included: number | undefined,
  excluded: number | undefined,
  pick: (...values: number[]) => number,
): { value: number | undefined; isExcluded: boolean } {
  const given = [included, excluded].filter((value) => value !== undefined);
  if (given.length === 0) return { value: undefined, isExcluded: false };
  const value = pick(...given);
  return { value, isExcluded: value === excluded };
}
