import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { renderParameters } from "@hxp/model";

test("parameters.md has the table of parameters as it is", () => {
  const page = readFileSync(new URL("../../parameters.md", import.meta.url), "utf8");
  expect(unaligned(page)).toContain(unaligned(renderParameters()));
});

/** A Markdown table without the padding that formatters add. */
function unaligned(table: string): string {
  return table.replaceAll(/ +/g, " ").replaceAll(/-{3,}/g, "---");
}
