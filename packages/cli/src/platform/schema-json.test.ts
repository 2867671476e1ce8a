import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { toJsonSchema } from "@hxp/config";
import { hxpSchema } from "./hxp-schema.ts";

test("schema.json is what the composed schema says", async () => {
  const text = `${compactLists(JSON.stringify(toJsonSchema(hxpSchema), undefined, 2))}\n`;
  await expect(text).toMatchFileSnapshot("../../schema.json");
});

test("schema.json is an export of the package and covers gateway, models and storage", () => {
  const path = createRequire(import.meta.url).resolve("@hxp/cli/schema.json");
  const schema = JSON.parse(readFileSync(path, "utf8")) as { properties: object };
  expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(["gateway", "models", "storage"]));
});

/** JSON with short lists of plain values on one line, as the formatter of this workspace leaves them. */
function compactLists(json: string): string {
  return json.replaceAll(/^.*\[\n[^[\]{}]*\n *\],?$/gm, (whole) => {
    const [first = "", ...others] = whole.split("\n");
    const line = `${first}${others.map((each) => each.trim()).join(" ")}`.replace(/ (\],?)$/, "$1");
    return line.length <= 120 ? line : whole;
  });
}
