import { type Field, type Fields, firstOf } from "../schema/field.ts";

/** Says in words what a schema expects: `an integer from 1 to 65535 (TCP port)`, `one of latest, next`. */
export function describeExpected(fields: Fields): string {
  const stated = firstOf(fields, "expected");
  if (stated !== undefined) return stated;
  const words = [...new Set(fields.flatMap(describeAlternative))];
  const unit = firstOf(fields, "unit");
  return `${words.length === 0 ? "another value" : words.join(" or ")}${unit === undefined ? "" : ` (${unit})`}`;
}

function describeAlternative(field: Field): string[] {
  if (Array.isArray(field.type)) return field.type.flatMap((type: string) => describeAlternative({ ...field, type }));
  if (field.const !== undefined) return [sayValue(field.const)];
  if (field.enum !== undefined) return [`one of ${field.enum.map(sayValue).join(", ")}`];
  const { type = "any" } = field;
  switch (type) {
    case "string":
      return [describeText(field)];
    case "integer":
      return [`an integer${describeRange(field)}`];
    case "number":
      return [`a number${describeRange(field)}`];
    case "boolean":
      return ["true or false"];
    case "array":
      return [`a list${describeCount(field.minItems, field.maxItems, "items")}`];
    case "object":
      return ["a map"];
    case "null":
      return ["null"];
    default:
      return [];
  }
}

function sayValue(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function describeText(field: Field): string {
  if (field.format !== undefined && field.format !== "regex") return `a text in the form ${field.format}`;
  if (field.pattern !== undefined) return `a text that matches ${field.pattern}`;
  return `a text${describeCount(field.minLength, field.maxLength, "characters")}`;
}

function describeCount(least: number | undefined, most: number | undefined, what: string): string {
  if (least === 1 && most === undefined) return " that is not empty";
  if (least !== undefined && most !== undefined) return ` of ${least} to ${most} ${what}`;
  if (least !== undefined) return ` of at least ${least} ${what}`;
  return most === undefined ? "" : ` of at most ${most} ${what}`;
}

function describeRange(field: Field): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = field;
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  const bounds = [
    minimum === undefined ? [] : [`of at least ${minimum}`],
    maximum === undefined ? [] : [`of at most ${maximum}`],
    exclusiveMinimum === undefined ? [] : [`above ${exclusiveMinimum}`],
    exclusiveMaximum === undefined ? [] : [`below ${exclusiveMaximum}`],
  ].flat();
  return bounds.length === 0 ? "" : ` ${bounds.join(" and ")}`;
}
