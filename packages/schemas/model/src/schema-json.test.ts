import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { renderSchemaDocs, toJsonSchema } from "@hxp/config";
import { modelsSchema } from "@hxp/schema-model";
import { expect, test } from "vitest";

test("schema.json is what the schema says", async () => {
  const text = `${compactLists(JSON.stringify(toJsonSchema(modelsSchema), undefined, 2))}\n`;
  await expect(text).toMatchFileSnapshot("../schema.json");
});

test("schema.json is an export of the package", () => {
  const path = createRequire(import.meta.url).resolve("@hxp/schema-model/schema.json");
  expect(JSON.parse(readFileSync(path, "utf8"))).toHaveProperty("title", modelsSchema.title);
});

test("the README's table of keys is what the schema says", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  expect(unaligned(readme)).toContain(unaligned(renderSchemaDocs(modelsSchema)));
});

/** JSON with short lists of plain values on one line, as the formatter of this workspace leaves them. */
function compactLists(json: string): string {
  return json.replaceAll(/^.*\[\n[^[\]{}]*\n *\],?$/gm, (whole) => {
    const [first = "", ...others] = whole.split("\n");
    const line = `${first}${others.map((each) => each.trim()).join(" ")}`.replace(/ (\],?)$/, "$1");
    return line.length <= 120 ? line : whole;
  });
}

/** A Markdown table without the padding that formatters add. */
function unaligned(table: string): string {
  return table.replaceAll(/ +/g, " ").replaceAll(/-{3,}/g, "---");
}
