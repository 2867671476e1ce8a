import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { renderSchemaDocs, toJsonSchema } from "@hxp/config";
import { gatewaySchema } from "@hxp/schema-gateway";

test("schema.json is what the schema says", async () => {
  const text = `${compactLists(JSON.stringify(toJsonSchema(gatewaySchema, { for: "file" }), undefined, 2))}\n`;
  await expect(text).toMatchFileSnapshot("../schema.json");
});

test("schema.json is an export of the package", () => {
  const path = createRequire(import.meta.url).resolve("@hxp/schema-gateway/schema.json");
  expect(JSON.parse(readFileSync(path, "utf8"))).toHaveProperty("title", gatewaySchema.title);
});

test("keys.md has the table of keys that the schema says", () => {
  const page = readFileSync(new URL("../keys.md", import.meta.url), "utf8");
  expect(unaligned(page)).toContain(unaligned(renderSchemaDocs(gatewaySchema)));
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
