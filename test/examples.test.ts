import { execFile } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { readPublishedPackages, readText, root } from "./workspace-files.ts";

const run = promisify(execFile);
const examples = globSync("examples/*.ts", { cwd: root }).toSorted();
const packages = readPublishedPackages().map(({ folder, manifest }) => ({
  name: manifest.name,
  readme: `${folder}/README.md`,
  example: `examples/${manifest.name.replace("@hxp/", "")}.ts`,
}));

test("there are examples to run", () => {
  expect(examples.length).toBeGreaterThanOrEqual(6);
});

test.concurrent.each(examples)("%s runs by itself, elsewhere, without the user's settings", async (example) => {
  const env = { PATH: process.env["PATH"], HOME: tmpdir() };
  const command = ["--conditions=@hxp/source", join(root, example)];
  const { stdout } = await run(process.execPath, command, { cwd: tmpdir(), env, timeout: 50_000 });
  expect(stdout).not.toMatch(/\bat .*:\d+:\d+\)?$/m);
});

test.each(packages)("$name has an example, and its README shows the same code", ({ readme, example }) => {
  expect(existsSync(join(root, example)), example).toBe(true);
  const blocks = [...readText(readme).matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ""]) => code);
  expect(blocks, `${readme} against ${example}`).toContain(readText(example));
});

test("each example is the one of a package", () => {
  const names = packages.map(({ example }) => basename(example));
  expect(examples.map((example) => basename(example)).filter((example) => !names.includes(example))).toEqual([]);
});
