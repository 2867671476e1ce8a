import type { ConfigSchema } from "@hxp/config";
import { builtInPlatform } from "./built-in-platform.ts";
import { hxpSchema } from "./hxp-schema.ts";

type Field = ConfigSchema["field"];

/** What {@link renderPlatformFile} takes. */
export interface PlatformFileOptions {
  /** Name of the platform. */
  readonly name: string;
  /** Where an editor finds the schema, as it stands in the file. */
  readonly schema: string;
}

/** The keys that people look for first, first; then the others in the schema's order. */
const leading = ["schema", "name", "description", "gateway", "models", "storage"];

/**
 * The text of `hxp.yaml` for the built-in platform: what is set stands as it is, and every other key as a comment with its
 * default, so that taking the `#` away sets it.
 */
export function renderPlatformFile({ name, schema }: PlatformFileOptions): string {
  const head = [
    `# yaml-language-server: $schema=${schema}`,
    "#",
    "# What HXP runs here. hxp config check reads it, hxp up runs it.",
    "# Keys behind a # have the default that stands there; take the # away to change one, and those of the keys above it.",
  ];
  const written = builtInPlatform(name);
  const keys = Object.keys(hxpSchema.field.properties ?? {});
  const sorted = [...leading, ...keys.filter((key) => !leading.includes(key))];
  const body = sorted.flatMap((key) => {
    const field = hxpSchema.field.properties?.[key];
    return field === undefined ? [] : ["", ...renderKey({ key, field, depth: 0, written })];
  });
  return `${[...head, ...body].join("\n")}\n`;
}

interface Place {
  readonly key: string;
  readonly field: Field;
  readonly depth: number;
  /** The map that has the key, as it is set; undefined: all of it is a comment. */
  readonly written: unknown;
}

function renderKey({ key, field, depth, written }: Place): string[] {
  const value = readKey(written, key);
  const child = { depth: depth + 1, written: value };
  const prose = field.description === undefined ? [] : [`${indent(depth)}# ${describe(field)}`];
  const isSet = value !== undefined;
  const below = renderBelow(field, { ...child, shown: isSet ? undefined : field.default });
  const line = (text: string): string => (isSet ? `${indent(depth)}${text}` : comment(text, depth));
  if (below.length > 0) return [...prose, line(`${key}:`), ...below];
  return [...prose, line(`${key}: ${renderValue(value ?? field.default)}`.trimEnd())];
}

/** The lines of a map's keys, of one name of the user's, or of a list's first item. */
function renderBelow(
  field: Field,
  { depth, written, shown }: { depth: number; written: unknown; shown: unknown },
): string[] {
  const named = Object.entries(field.properties ?? {});
  if (named.length > 0) return named.flatMap(([key, each]) => renderKey({ key, field: each, depth, written }));
  const item = [field.items ?? []].flat()[0];
  if (item?.properties !== undefined) return renderItem(renderBelow(item, { depth: depth + 1, written, shown }), depth);
  const free = field.additionalProperties;
  if (typeof free !== "object" || free.properties === undefined) return [];
  // A default with names of its own stands as it is.
  if (isMap(shown) && Object.keys(shown).length > 0) return [];
  const names = isMap(written) ? Object.keys(written) : ["example"];
  return names.flatMap((key) => renderKey({ key, field: free, depth, written }));
}

/** The dash of a list's item stands before its first key. */
function renderItem(lines: readonly string[], depth: number): string[] {
  const first = lines.findIndex((line) => line.trimStart().startsWith("#") && !line.trimStart().startsWith("# "));
  return lines.map((line, index) => (index === first ? comment(`- ${line.trimStart().slice(1)}`, depth) : line));
}

/** `#` stands where the key begins, so that taking it away leaves the right indentation. */
function comment(text: string, depth: number): string {
  return `${indent(depth)}#${text}`;
}

function indent(depth: number): string {
  return "  ".repeat(depth);
}

/** What may be written stands there unless the default shows it. */
function describe({ description = "", unit, expected, enum: values, type, default: fallback }: Field): string {
  const isNumber = type === "number" || type === "integer";
  if (values !== undefined) return `${description} (${values.join(", ")})`;
  if (isNumber) return unit === undefined || unit === "ratio" ? description : `${description} (${unit})`;
  return fallback === undefined && expected !== undefined ? `${description} (${expected})` : description;
}

function readKey(map: unknown, key: string): unknown {
  return isMap(map) && Object.hasOwn(map, key) ? map[key] : undefined;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** JSON is YAML; plain words need no quotes. */
function renderValue(value: unknown): string {
  if (value === undefined) return "";
  const isPlain =
    typeof value === "string" &&
    /^[A-Za-z/][\w./-]*$/.test(value) &&
    !/^(?:true|false|null|y|n|yes|no|on|off)$/i.test(value);
  const isTime = typeof value === "string" && /^(?:\d+(?:ms|s|m|h|d)|\d+\.\d+\.\d+\.\d+)$/.test(value);
  return isPlain || isTime ? value : JSON.stringify(value);
}
