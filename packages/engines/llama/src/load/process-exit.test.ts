import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { writeTinyModel } from "../../test/tiny-model.ts";

const script = fileURLToPath(new URL("../../test/exit-child.ts", import.meta.url));

test.each<[title: string, how: string]>([
  ["after an unload", "unload"],
  ["when nothing is left to do, without an unload", "end"],
  ["by process.exit in the middle of an answer", "exit"],
  ["by process.exit while a model is being loaded", "load"],
  ["after loading and unloading 30 times, with no more memory at the end", "again"],
])("a process ends cleanly %s", async (_, how) => {
  await using model = await writeTinyModel();
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    "--conditions=@hxp/source",
    "--expose-gc",
    script,
    how,
    model.file,
  ]);
  expect({ stdout, stderr }).toEqual({ stdout: `${how}\n`, stderr: "" });
});

test("an unload frees a model while it answers, embeds and loads another", async () => {
  await using model = await writeTinyModel();
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--conditions=@hxp/source",
    script,
    "busy",
    model.file,
  ]);
  expect(stdout).toBe("busy\n");
});
