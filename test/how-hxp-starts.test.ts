import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { howHxpStarts } from "../packages/services/gateway/bench/contenders/how-hxp-starts.ts";

const root = join(import.meta.dirname, "..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");

test("the program, the checkout's script and the bench start HXP alike", () => {
  const { variables, nodeArgs } = howHxpStarts;
  const words = [...Object.entries(variables).map(([name, value]) => `${name}=${value}`), "node", ...nodeArgs].join(
    " ",
  );
  // The second `env` is for pnpm: what it writes to start a program takes the first word for the program.
  expect(read("packages/cli/src/bin.ts").split("\n")[0]).toBe(`#!/usr/bin/env -S env ${words}`);
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  expect(scripts["hxp"]).toBe(`${words} --conditions=@hxp/source packages/cli/src/bin.ts`);
});
