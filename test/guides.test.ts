import { globSync } from "node:fs";
import { basename } from "node:path";
import { expect, test } from "vitest";
import { postgresIsMissing, startPostgres } from "../packages/cli/test/support/start-postgres.ts";
import { findJson, findMissingLine, findMissingValue } from "./guides/compare-output.ts";
import { followGuide } from "./guides/follow-guide.ts";
import { makeGuideHome } from "./guides/guide-home.ts";
import { makeEvidence } from "./guides/make-evidence.ts";
import { readGuide } from "./guides/read-guide.ts";
import { readText, root } from "./workspace-files.ts";

const guides = globSync("docs/guides/*.md", { cwd: root }).toSorted();
const timeout = 300_000;
const shownDatabase = "127.0.0.1:5432";
const shownEvidence = "hxp evidence verify evidence ";

test("there is a guide for each thing that people come for", () => {
  const names = guides.map((guide) => basename(guide, ".md"));
  expect(names).toEqual(["audit", "configure", "getting-started", "integrate", "observe", "secure", "troubleshoot"]);
});

test.concurrent.for(guides)("%s is true, block by block", { timeout }, async (guide, { onTestFinished, skip }) => {
  const text = readText(guide);
  const needsDatabase = text.includes(shownDatabase);
  skip(needsDatabase && postgresIsMissing, "PostgreSQL is not installed");
  const ports = new Map<string, number>();
  if (needsDatabase) ports.set("5432", Number(new URL((await startPostgres(onTestFinished)).url).port));
  const home = await makeGuideHome({ guide: text, ports, onFinished: onTestFinished });
  if (text.includes(shownEvidence)) await makeEvidence(home.folder, onTestFinished);
  expect(await followGuide(home, guide, readGuide(text))).toBeGreaterThan(10);
});

test("an output must have each line that is shown, in order", () => {
  expect(findMissingLine("one\ntwo …", "zero\n  one\ntwo   three\n")).toBeUndefined();
  expect(findMissingLine("two\none", "one\ntwo\n")).toBe("one");
  expect(findMissingLine("a.c", "abc")).toBe("a.c");
});

test("an output must have each value that is shown; numbers may differ", () => {
  const [output] = findJson('HTTP/1.1 200 OK\n\n{"id":"x-1","usage":{"tokens":7},"more":null}');
  expect(findMissingValue({ id: "x-…", usage: { tokens: 5 } }, output)).toBeUndefined();
  expect(findMissingValue({ id: "y-…" }, output)).toContain("$.id");
  expect(findMissingValue({ usage: { tokens: 5, cost: 1 } }, output)).toContain("$.usage.cost");
});

test("a directive that nobody knows, or that stands before no block, is an error", () => {
  expect(() => readGuide("<!-- until: x -->\n```sh\n```\n")).toThrow("until is no directive");
  expect(() => readGuide("<!-- expect: x -->\nText\n")).toThrow("before no block");
  expect(() => readGuide("```sh\ntrue\n")).toThrow("no end");
});
