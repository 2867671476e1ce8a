import { expect, test } from "vitest";
import { chooseJournalMode } from "./choose-journal-mode.ts";

test.each([
  ["3.51.2", "DELETE"],
  ["3.50.9", "DELETE"],
  ["", "DELETE"],
  ["3.51.3", "WAL"],
  ["3.53.0", "WAL"],
  ["4.0.0", "WAL"],
])("SQLite %s keeps transactions by %s", (version, mode) => {
  expect(chooseJournalMode(version)).toBe(mode);
});
