import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { howHxpStarts } from "../packages/services/gateway/bench/contenders/how-hxp-starts.ts";

const root = join(import.meta.dirname, "..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const firstLine = read("packages/cli/src/bin.ts").split("\n")[0] ?? "";
const { variables, nodeArgs } = howHxpStarts;

test("the program, the checkout's script and the bench start HXP alike", () => {
  const words = [...Object.entries(variables).map(([name, value]) => `${name}=${value}`), "node", ...nodeArgs].join(
    " ",
  );
  // The second `env` is for pnpm: what it writes to start a program takes the first word for the program.
  expect(firstLine).toBe(`#!/usr/bin/env -S env ${words}`);
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  expect(scripts["hxp"]).toBe(`${words} --conditions=@hxp/source packages/cli/src/bin.ts`);
});

test("the program's first line is one that the system starts", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hxp-first-line-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const program = join(folder, "program.mjs");
  const body = "console.log(JSON.stringify([process.execArgv, process.env.MALLOC_ARENA_MAX, process.argv.slice(2)]))";
  writeFileSync(program, `${firstLine}\n${body}\n`, { mode: 0o755 });
  const { stdout } = await promisify(execFile)(program, ["serve", "a b"]);
  expect(JSON.parse(stdout)).toEqual([nodeArgs, variables.MALLOC_ARENA_MAX, ["serve", "a b"]]);
});
