import { describeExpected } from "../parse/describe-field.ts";
import type { ConfigSchema } from "../schema/define-schema.ts";
import { alternatives, type Field, type Fields, firstOf, typesOf } from "../schema/field.ts";

// A schema that refers to itself has no last level.
const deepest = 12;

/** Renders a schema as a Markdown table with a row a key: key, what is expected, default, unit, description. */
export function renderSchemaDocs(schema: ConfigSchema): string {
  const head = ["| Key | Expected | Default | Unit | Description |", "| --- | --- | --- | --- | --- |"];
  return [...head, ...rowsBelow(schema.field, { field: schema.field, name: "", depth: 0 })].join("\n");
}

interface Visit {
  field: Field;
  name: string;
  depth: number;
}

function rowsBelow(root: Field, { field, name, depth }: Visit): string[] {
  if (depth > deepest) return [];
  return alternatives(root, field).flatMap((each) => {
    const named = Object.entries(each.properties ?? {}).flatMap(([key, child]) => {
      const visit = { field: child, name: name === "" ? key : `${name}.${key}`, depth: depth + 1 };
      const isRequired = each.required?.includes(key) ?? false;
      return [renderRow(root, visit, isRequired), ...rowsBelow(root, visit)];
    });
    const free = typeof each.additionalProperties === "object" ? [each.additionalProperties] : [];
    const items = [each.items ?? []].flat();
    return [
      ...named,
      ...free.flatMap((child) => rowsBelow(root, { field: child, name: `${name}.<name>`, depth: depth + 1 })),
      ...items.flatMap((child) => rowsBelow(root, { field: child, name: `${name}[]`, depth: depth + 1 })),
    ];
  });
}

function renderRow(root: Field, { field, name }: Visit, isRequired: boolean): string {
  const fields = alternatives(root, field);
  const advice = firstOf(fields, "deprecationMessage");
  const description = firstOf(fields, "description") ?? "";
  const unit = firstOf(fields, "unit") ?? "";
  const expected = describeExpected(fields.map(({ unit: _unit, ...each }) => each));
  const cells = [
    `\`${name}\``,
    expected,
    isRequired ? "required" : renderDefault(fields),
    unit,
    advice === undefined ? description : `${description} Deprecated: ${advice}.`,
  ];
  return `| ${cells.map(escapeCell).join(" | ")} |`;
}

function renderDefault(fields: Fields): string {
  const fallback = firstOf(fields, "default");
  if (fallback === undefined) return "not set";
  const text = typeof fallback === "string" ? fallback : JSON.stringify(fallback);
  return typesOf(fields).has("object") && text === "{}" ? "" : `\`${text}\``;
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
