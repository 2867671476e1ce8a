import { expect, test } from "vitest";
import { parseConfig, requireConfig } from "@hxp/config";
import { builtInPlatform } from "./built-in-platform.ts";
import { hxpSchema } from "./hxp-schema.ts";
import { renderPlatformFile } from "./render-platform-file.ts";

const text = renderPlatformFile({ name: "hxp", schema: "./schema.json" });
const read = (content: string) => parseConfig(hxpSchema, { files: [{ layer: "file", file: "hxp.yaml", content }] });
const builtIn = requireConfig(read(JSON.stringify(builtInPlatform())));

test("the file reads without problems and means the built-in platform", () => {
  const result = read(text);
  expect([result.errors, result.warnings]).toEqual([[], []]);
  expect(result.config).toEqual(builtIn);
});

test("names its schema where editors look for it", () => {
  expect(text.split("\n")[0]).toBe("# yaml-language-server: $schema=./schema.json");
});

test("has the platform's name", () => {
  expect(requireConfig(read(renderPlatformFile({ name: "chat", schema: "x" }))).name).toBe("chat");
});

test("every commented key with its default, uncommented, means the same again", () => {
  const result = read(uncomment(text));
  expect(result.errors).toEqual([]);
  const { gateway, models, ...others } = requireConfig(result);
  const { gateway: _gateway, models: _models, ...same } = builtIn;
  expect(gateway).toEqual(builtIn.gateway);
  expect(models).toEqual(builtIn.models);
  expect({ ...others, storage: undefined }).toEqual({ ...same, storage: undefined });
});

test("has every key of the schema", () => {
  const missing = keysOf(hxpSchema.field).filter((key) => !new RegExp(`^ *#?(?:- )? *${key}:`, "m").test(text));
  expect(missing).toEqual([]);
});

/** Takes the `#` from all keys that have a value, and from the maps around them; examples stay comments. */
function uncomment(file: string): string {
  const lines = file.split("\n");
  let example = Number.POSITIVE_INFINITY;
  return lines
    .map((line, index) => {
      const depth = line.search(/\S/);
      if (depth !== -1 && depth <= example)
        example = /^ *#(?:example|- )/.test(line) ? depth : Number.POSITIVE_INFINITY;
      const isKey = /^ *#[A-Za-z]/.test(line);
      if (!isKey || depth >= example) return line;
      const next = lines.slice(index + 1).find((each) => !/^ *# /.test(each)) ?? "";
      const isMap = next.search(/\S/) > depth && !/#(?:example|- )/.test(next);
      return !line.endsWith(":") || (isMap && hasValue(lines.slice(index + 1), depth)) ? line.replace("#", "") : line;
    })
    .join("\n");
}

function hasValue(below: readonly string[], depth: number): boolean {
  const end = below.findIndex((line) => line.search(/\S/) <= depth);
  const inside = below.slice(0, end === -1 ? undefined : end);
  return inside.some((line) => /^ *#[A-Za-z]\w*: \S/.test(line));
}

function keysOf(field: typeof hxpSchema.field): string[] {
  const free = typeof field.additionalProperties === "object" ? keysOf(field.additionalProperties) : [];
  const named = Object.entries(field.properties ?? {}).flatMap(([key, each]) => [key, ...keysOf(each)]);
  const isShownWhole = field.default !== undefined && Object.keys(field.default as object).length > 0;
  return [...named, ...(isShownWhole ? [] : free)];
}
