import { expect, test } from "vitest";
import { errorTable, renderErrorTable } from "@hxp/errors";

test("docs/errors.md says what the table says", async () => {
  await expect(renderErrorTable(errorTable)).toMatchFileSnapshot("../../../../docs/errors.md");
});

test("every code is SCREAMING_SNAKE and has a meaning and a fix that are sentences", () => {
  for (const [code, entry] of Object.entries(errorTable)) {
    expect(code).toMatch(/^[A-Z]+(_[A-Z0-9]+)*$/);
    expect(entry.meaning, code).toMatch(/^[A-Z].*\.$/s);
    expect(entry.fix, code).toMatch(/^[A-Z].*\.$/s);
  }
});

test("a warning is shown as one, without the exit code that nothing ends with", () => {
  const [, section = ""] = renderErrorTable(errorTable).split("## CONFIG_KEY_DEPRECATED");
  expect(section.split("##")[0]).toMatch(/^\n\nwarning: nothing fails by it\n/);
  expect(section.split("##")[0]).not.toContain("exit");
});
