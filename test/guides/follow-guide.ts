import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readGuideModel } from "@hxp/model-guide";
import { expect } from "vitest";
import { parse } from "yaml";
import { findJson, findMissingLine, findMissingValue } from "./compare-output.ts";
import type { GuideHome } from "./guide-home.ts";
import { type Block, valuesOf } from "./read-guide.ts";
import { type Background, runShell, startBackground } from "./shell.ts";

/** What following a guide has come to. */
interface Progress {
  readonly home: GuideHome;
  readonly guide: string;
  readonly running: Background[];
  /** What the block before has written. */
  output: string;
  /** The API key that was printed last. */
  key: string;
  /** Programs that were written and not run yet. */
  readonly unused: Set<string>;
}

type Follow = (progress: Progress, block: Block, text: string) => Promise<void> | void;

const byLanguage: Readonly<Record<string, Follow>> = {
  "": stopBackground,
  sh: followShell,
  js: followProgram("mjs"),
  ts: followProgram("ts"),
  yaml: followYaml,
  json: compareJson,
  text: compareText,
  nginx: checkNginx,
};

/** Does what a guide says, block by block, and fails where something else comes of it. Returns how many blocks it has done. */
export async function followGuide(home: GuideHome, guide: string, blocks: readonly Block[]): Promise<number> {
  const progress: Progress = { home, guide, running: [], output: "", key: "", unused: new Set() };
  let done = 0;
  for (const block of blocks) {
    const follow = byLanguage[block.language];
    if (follow === undefined) expect.fail(`${at(progress, block)}: nothing runs blocks of ${block.language}`);
    if (isSkipped(progress, block)) continue;
    await follow(progress, block, place(progress, block.text));
    done += 1;
  }
  await stopAll(progress);
  expect([...progress.unused], `${guide}: programs that nothing runs`).toEqual([]);
  return done;
}

function isSkipped(progress: Progress, block: Block): boolean {
  const [reason] = valuesOf(block, "not run");
  const missing = valuesOf(block, "needs").find((program) => spawnSync("which", [program]).status !== 0);
  if (reason === undefined && missing === undefined) return false;
  console.warn(`${at(progress, block)} was not run: ${reason ?? `${missing} is not installed`}`);
  return true;
}

async function followShell(progress: Progress, block: Block, text: string): Promise<void> {
  const [until] = valuesOf(block, "background until");
  if (until !== undefined) {
    const background = await startBackground(progress.home, text, place(progress, until));
    progress.running.push(background);
    setOutput(progress, background.output());
  } else {
    const { output, exitCode } = await runShell(progress.home, text);
    const [fails = "0"] = valuesOf(block, "fails");
    expect(exitCode, `${at(progress, block)}:\n${text}\n${output}`).toBe(Number(fails));
    setOutput(progress, output);
  }
  for (const program of progress.unused) if (text.includes(program)) progress.unused.delete(program);
  expectTexts(progress, block);
}

function followProgram(ending: string): Follow {
  return async (progress, block, text) => {
    const [name] = valuesOf(block, "file");
    if (name !== undefined) {
      progress.unused.add(name);
      writeNamed(progress, block, text);
      return;
    }
    const file = `block-${block.line}.${ending}`;
    writeFileSync(join(progress.home.folder, file), text);
    await followShell(progress, block, `node ${file}`);
  };
}

async function followYaml(progress: Progress, block: Block, text: string): Promise<void> {
  const [named] = valuesOf(block, "file");
  expect(parse(text), at(progress, block)).toBeTypeOf("object");
  const name = named ?? `part-${block.line}.yaml`;
  writeText(progress, name, named === undefined ? `schema: 1\nname: part\n${text}` : text);
  // Other files are read by what the guide does with them.
  if (named !== undefined && named !== "hxp.yaml") return;
  const { output, exitCode } = await runShell(progress.home, `hxp config check ${name}`);
  expect(exitCode, `${at(progress, block)}:\n${output}`).toBe(0);
}

function writeNamed(progress: Progress, block: Block, text: string): void {
  const [name] = valuesOf(block, "file");
  if (name === undefined) expect.fail(`${at(progress, block)}: the block has no file`);
  writeText(progress, name, text);
}

/** nginx itself says whether it would take the file, with a certificate that is made for this. */
async function checkNginx(progress: Progress, block: Block, text: string): Promise<void> {
  const { folder } = progress.home;
  writeNamed(progress, block, text.replaceAll("/etc/ssl/hxp", folder));
  const [name = ""] = valuesOf(block, "file");
  writeText(progress, "nginx.conf", `pid nginx.pid;\nevents {}\nhttp { access_log off; include ${name}; }\n`);
  await followShell(progress, { ...block, directives: [] }, nginxTest);
}

const nginxTest = `
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=llm.example.com -keyout key.pem -out cert.pem
nginx -t -p "$PWD" -c nginx.conf -e stderr`;

function writeText({ home }: Progress, name: string, text: string): void {
  const path = join(home.folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** A guide shows what was answered, or what a program in the background has written of it. */
function compareJson(progress: Progress, block: Block, text: string): void {
  const shown: unknown = JSON.parse(text);
  const outputs = [progress.output, ...progress.running.map((background) => background.output())];
  const missing = outputs.flatMap(findJson).map((actual) => findMissingValue(shown, actual));
  expect(missing, `${at(progress, block)}: not in\n${outputs.join("\n")}`).toContain(undefined);
}

function compareText(progress: Progress, block: Block, text: string): void {
  const missing = findMissingLine(text, progress.output);
  expect(missing, `${at(progress, block)}: not in\n${progress.output}`).toBeUndefined();
}

function expectTexts(progress: Progress, block: Block): void {
  for (const text of valuesOf(block, "expect")) {
    const shown = text === "the known answer" ? readKnownAnswer() : place(progress, text);
    const missing = findMissingLine(`…${shown}…`, progress.output);
    expect(missing, `${at(progress, block)}: not in\n${progress.output}`).toBeUndefined();
  }
}

/** What the guide model answers when it is asked what HXP is. */
function readKnownAnswer(): string {
  const known = readGuideModel().knownAnswers.find(({ question }) => question === "What is HXP?");
  return known?.answer ?? expect.fail("The guide model does not know what HXP is");
}

async function stopBackground(progress: Progress): Promise<void> {
  await stopAll(progress);
}

async function stopAll(progress: Progress): Promise<void> {
  const running = progress.running.splice(0);
  const exitCodes = await Promise.all(running.map((background) => background.stop()));
  const output = running.map((background) => background.output()).join("\n");
  expect(exitCodes, `${progress.guide}: what runs in the background ends well\n${output}`).toEqual(
    running.map(() => 0),
  );
  if (running.length > 0) progress.output = output;
}

/** A guide writes `hxp_…` for the key that was printed last. */
function setOutput(progress: Progress, output: string): void {
  progress.output = output;
  progress.key = /hxp_[0-9a-z]{16}_[\w-]{43}/.exec(output)?.[0] ?? progress.key;
}

function place({ home, key }: Progress, text: string): string {
  return home.place(text).replaceAll("hxp_…", key === "" ? "hxp_…" : key);
}

function at({ guide }: Progress, { line }: Block): string {
  return `${guide}:${line}`;
}
