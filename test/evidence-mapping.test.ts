import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as gates from "@hxp/release-gates";
import { run } from "../packages/cli/test/support/make-world.ts";
import { runInProcess } from "../tooling/release/test/support/in-process.ts";
import { makeTestRoot, startProgram, type TestRoot } from "../tooling/release/test/support/workspace.ts";
import { readText, root as repository } from "./workspace-files.ts";

const page = "docs/evidence-mapping.md";
const text = readText(page);

interface Row {
  section: string;
  id: string;
  evidence: string;
  missing: string;
}

/** The rows of every table: the first cell, and the last two. */
function readRows(markdown: string): Row[] {
  let section = "";
  return markdown.split("\n").flatMap((line) => {
    if (line.startsWith("## ")) section = line.slice(3);
    if (!line.startsWith("|") || /^[|\s-]+$/.test(line)) return [];
    const cells = line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
    const [id = ""] = cells;
    const [evidence = "", missing = ""] = cells.slice(-2);
    return evidence === "evidence" ? [] : [{ section, id, evidence, missing }];
  });
}

const rows = readRows(text);
const named = new Set(
  rows.flatMap(({ evidence, missing }) =>
    [...`${evidence} ${missing}`.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name),
  ),
);
const namesOf = (pattern: RegExp): string[] => [...named].filter((name) => pattern.test(name)).toSorted();
const commands = namesOf(/^(hxp|pnpm) /);
const gateFiles = namesOf(/^gates\/[a-z]/);
const files = namesOf(/^(packages|tarballs|smoke|log|trust)\/|^[a-z-]+\.(json|jsonl|md|mjs)$|\.sigstore\.json$/).filter(
  (name) => name !== "smoke/second-opinion.json",
);

let testRoot: TestRoot;
let evidence = "";
beforeAll(async () => {
  testRoot = makeTestRoot();
  const released = await testRoot
    .workspace({ config: { gates: ["contents", "licences"], managers: ["npm"] } })
    .release(["--json"]);
  if (released.exitCode !== 0) throw new Error(released.text);
  ({ evidence } = JSON.parse(released.stdout) as { evidence: string });
});
afterAll(() => testRoot?.[Symbol.dispose]());

test("each row has evidence, or says that it is not covered and why", () => {
  const unanswered = rows.filter(({ evidence: said, missing }) => {
    const isNamed = /`[^`]+`|\]\(/.test(said);
    return said === "not covered" ? missing === "" : !isNamed;
  });
  expect(unanswered).toEqual([]);
  expect(rows.length).toBeGreaterThan(110);
});

test.each([
  ["SLSA v1.0, build track", 10],
  ["OpenSSF S2C2F v1.1", 25],
  ["NIST SP 800-218 (SSDF) v1.1", 42],
  ["EU Cyber Resilience Act, annex I", 22],
  ["BSI TR-03183-2 v2.1.0", 21],
])("%s has all its %i rows, each id once", (section, count) => {
  const ids = rows.filter((row) => row.section === section).map(({ id }) => id);
  expect(ids).toHaveLength(count);
  if (!section.startsWith("BSI")) expect(new Set(ids).size).toBe(count);
});

test("every gate that is named is one", () => {
  const known = new Set(Object.values(gates).flatMap((value) => (isGate(value) ? [value.name] : [])));
  const missing = gateFiles
    .map((file) => file.replace(/^gates\/(.*)\.json$/, "$1"))
    .filter((gate) => gate !== "waivers" && !known.has(gate));
  expect(missing).toEqual([]);
  expect(gateFiles.length).toBeGreaterThanOrEqual(9);
});

test("every file that is named lies in the evidence of a real release", () => {
  expect(files.filter((file) => globSync(file, { cwd: evidence }).length === 0)).toEqual([]);
  expect(existsSync(join(evidence, "smoke/second-opinion.json"))).toBe(true);
  expect(files.length).toBeGreaterThan(8);
});

test("every command that is named is one, by its own help", async () => {
  for (const command of commands) {
    const [program = "", ...words] = command.split(" ");
    expect(await readHelp(program, words), command).toMatch(new RegExp(`^Usage: (hxp )?${words.join(" ")}`));
  }
  expect(commands.length).toBeGreaterThan(5);
});

test("every page that is linked is there", () => {
  const links = [...text.matchAll(/\]\(([^)#]+)\)/g)].map(([, link = ""]) => link);
  expect(links.filter((link) => !existsSync(join(repository, "docs", link)))).toEqual([]);
});

async function readHelp(program: string, words: readonly string[]): Promise<string> {
  if (program === "hxp") return (await run([...words, "--help"])).stdout;
  const [script, ...rest] = words;
  if (script === "release") return (await runInProcess([...rest, "--help"])).stdout;
  const command = [process.execPath, "--conditions=@hxp/source", join(repository, "tooling/release/src/deps-bin.ts")];
  return (await startProgram([...command, ...rest, "--help"], { cwd: repository, env: {} }).ended).stdout;
}

function isGate(value: unknown): value is { name: string } {
  return typeof value === "object" && value !== null && "judge" in value && "name" in value;
}
