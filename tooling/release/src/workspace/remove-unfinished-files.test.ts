import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { removeUnfinishedFiles } from "./remove-unfinished-files.ts";

const root = mkdtempSync(join(tmpdir(), "hxp-unfinished-"));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(root, "state-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test("a file that was not yet in its place is removed, however deep; all others stay", () => {
  mkdirSync(join(folder, "releases/one/gates"), { recursive: true });
  const kept = ["plan.json", "notes.tmp", "plan.json.tmp", "plan.json.0f0f.tmp"];
  for (const name of kept) writeFileSync(join(folder, "releases/one", name), "");
  const unfinished = `licences.json.${crypto.randomUUID()}.tmp`;
  writeFileSync(join(folder, "releases/one/gates", unfinished), "");

  removeUnfinishedFiles(folder);

  expect(readdirSync(join(folder, "releases/one")).toSorted()).toEqual(["gates", ...kept].toSorted());
  expect(readdirSync(join(folder, "releases/one/gates"))).toEqual([]);
});

test("a folder that is not there has nothing unfinished in it", () => {
  expect(() => removeUnfinishedFiles(join(folder, "none"))).not.toThrow();
});
