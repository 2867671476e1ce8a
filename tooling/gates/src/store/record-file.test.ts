import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { temporaryFolder } from "../../test/temporary-folder.ts";
import { readRecordFile, writeRecordFile } from "./record-file.ts";

const schema = z.strictObject({ b: z.number(), a: z.array(z.string()) });
const value = { a: ["x"], b: 1 };

async function keep(): Promise<string> {
  const path = join(await temporaryFolder(), "records", "one.json");
  await writeRecordFile(path, "key", value);
  return path;
}

test("what was kept is read, and nothing lies beside it", async () => {
  const path = await keep();
  expect(await readRecordFile(path, { key: "key", schema })).toEqual(value);
  expect(await readdir(join(path, ".."))).toEqual(["one.json"]);
});

test.each<[string, (path: string, text: string) => Promise<void>]>([
  ["changed", (path, text) => writeFile(path, text.replace('"b":1', '"b":2'))],
  ["torn", (path, text) => writeFile(path, text.slice(0, -3))],
  ["empty", (path) => writeFile(path, "")],
  ["gone", (path) => rename(path, `${path}.away`)],
  ["of another key", (path) => writeRecordFile(path, "other", value)],
  ["of another shape", (path) => writeRecordFile(path, "key", { ...value, c: 1 })],
])("a file that is %s counts as none", async (_title, spoil) => {
  const path = await keep();
  await spoil(path, await readFile(path, "utf8"));
  expect(await readRecordFile(path, { key: "key", schema })).toBeUndefined();
});
