import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hxpSchema } from "@hxp/cli";
import { type ConfigSchema, renderSchemaDocs, toJsonSchema } from "@hxp/config";
import { gatewaySchema } from "@hxp/schema-gateway";
import { modelsSchema } from "@hxp/schema-model";
import { platformSchema } from "@hxp/schema-platform";
import { storageSchema } from "@hxp/schema-storage";
import { expect, test } from "vitest";
import { readText, root } from "./workspace-files.ts";

/** Every file that is made of a schema, and the page that has the table of its keys. */
const files = [
  { name: "@hxp/schema-platform", folder: "packages/schemas/platform", schema: platformSchema, page: "README.md" },
  { name: "@hxp/schema-gateway", folder: "packages/schemas/gateway", schema: gatewaySchema, page: "keys.md" },
  { name: "@hxp/schema-model", folder: "packages/schemas/model", schema: modelsSchema, page: "README.md" },
  { name: "@hxp/schema-storage", folder: "packages/schemas/storage", schema: storageSchema, page: "README.md" },
  { name: "@hxp/cli", folder: "packages/cli", schema: hxpSchema, page: undefined },
] as readonly { name: string; folder: string; schema: ConfigSchema; page: string | undefined }[];

test.each(files)("schema.json of $name is what its schema says, and an export", async ({ name, folder, schema }) => {
  await expect(render(toJsonSchema(schema))).toMatchFileSnapshot(join(root, folder, "schema.json"));
  const path = createRequire(import.meta.url).resolve(`${name}/schema.json`);
  expect(JSON.parse(readFileSync(path, "utf8"))).toHaveProperty("title", schema.title);
});

test("overlay.schema.json of @hxp/schema-platform is what the schema says, and an export", async () => {
  const text = render(toJsonSchema(platformSchema, { for: "overlay" }));
  await expect(text).toMatchFileSnapshot(join(root, "packages/schemas/platform/overlay.schema.json"));
  const path = createRequire(import.meta.url).resolve("@hxp/schema-platform/overlay.schema.json");
  expect(JSON.parse(readFileSync(path, "utf8"))).toHaveProperty("title", "hxp.yaml, laid over another");
});

test.each(files.flatMap(({ page, ...rest }) => (page === undefined ? [] : [{ page, ...rest }])))(
  "$page of $name has the table of keys that its schema says",
  ({ folder, schema, page }) => {
    expect(unaligned(readText(`${folder}/${page}`))).toContain(unaligned(renderSchemaDocs(schema)));
  },
);

test("the schema of hxp covers gateway, models and storage", () => {
  const { properties } = JSON.parse(readText("packages/cli/schema.json")) as { properties: object };
  expect(Object.keys(properties)).toEqual(expect.arrayContaining(["gateway", "models", "storage"]));
});

/** As the formatter of this workspace leaves it: short lists of plain values are on one line. */
function render(schema: object): string {
  const json = JSON.stringify(schema, undefined, 2);
  const compact = json.replaceAll(/^.*\[\n[^[\]{}]*\n *\],?$/gm, (whole) => {
    const [first = "", ...others] = whole.split("\n");
    const line = `${first}${others.map((each) => each.trim()).join(" ")}`.replace(/ (\],?)$/, "$1");
    return line.length <= 120 ? line : whole;
  });
  return `${compact}\n`;
}

/** A Markdown table without the padding that formatters add. */
function unaligned(table: string): string {
  return table.replaceAll(/ +/g, " ").replaceAll(/-{3,}/g, "---");
}
