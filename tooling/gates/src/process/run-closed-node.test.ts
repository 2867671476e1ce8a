import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeFiles } from "../../test/install-workspace.ts";
import { temporaryFolder } from "../../test/temporary-folder.ts";
import { readSurroundings, watchedTools, writeSurroundings } from "../../test/watched-tools.ts";
import { runClosedNode } from "./run-closed-node.ts";

test("code sees an empty home and hardly any of the environment, and runs on the Node of the tools", async () => {
  const folder = await temporaryFolder();
  const [tools, scratch] = [await watchedTools(folder), join(folder, "scratch")];
  await writeFiles(folder, { "main.mjs": writeSurroundings });
  const options = { tools, scratch, variables: { EXTRA: "1" }, timeoutMs: 50_000 };
  expect(await runClosedNode([join(folder, "main.mjs")], options)).toEqual({ output: "", stdout: "" });
  const { env, cwd, home, node } = await readSurroundings(folder);
  const allowed = new Set(["PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "HOME", "TMPDIR", "EXTRA"]);
  expect(Object.keys(env).filter((name) => !allowed.has(name))).toEqual([]);
  expect(env).toMatchObject({ HOME: cwd, TMPDIR: cwd, LANG: "C.UTF-8", EXTRA: "1" });
  expect(env["PATH"]!.split(":")[0]).toBe(join(folder, "node-bin"));
  expect(cwd.startsWith(join(scratch, "home-"))).toBe(true);
  expect(home).toEqual([]);
  expect(node).toBe(join(folder, "node-bin/node"));
  expect(await readdir(scratch)).toEqual([]);
});

test("code that does not end is ended, with its home", async () => {
  const folder = await temporaryFolder();
  const tools = await watchedTools(folder);
  const { failure } = await runClosedNode(["--eval", "setInterval(() => {}, 1000)"], {
    tools,
    scratch: join(folder, "scratch"),
    timeoutMs: 500,
  });
  expect(failure).toBe("took longer than 0.5 seconds");
  expect(await readdir(join(folder, "scratch"))).toEqual([]);
});
