import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { renderSchemaDocs, toJsonSchema } from "@hxp/config";
import { platformSchema } from "@hxp/schema-platform";

const kinds = [
  { file: "schema.json", kind: "file", title: "hxp.yaml" },
  { file: "overlay.schema.json", kind: "overlay", title: "hxp.yaml, laid over another" },
] as const;

test.each(kinds)("$file is what the schema says", async ({ file, kind }) => {
  const text = `${compactLists(JSON.stringify(toJsonSchema(platformSchema, { for: kind }), undefined, 2))}\n`;
  await expect(text).toMatchFileSnapshot(`../${file}`);
});

test.each(kinds)("$file is an export of the package", ({ file, title }) => {
  const path = createRequire(import.meta.url).resolve(`@hxp/schema-platform/${file}`);
  expect(JSON.parse(readFileSync(path, "utf8"))).toHaveProperty("title", title);
});

test("the README's table of keys is what the schema says", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  expect(unaligned(readme)).toContain(unaligned(renderSchemaDocs(platformSchema)));
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
