import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  type Environment,
  leavingGatesOut,
  makeTestRoot,
  type Run,
  type Running,
  startProgram,
  type TestRoot,
  type TestWorkspace,
} from "./workspace.ts";
import { runInProcess, serveInProcess } from "./in-process.ts";
import { chainNames, openClient } from "./outcome.ts";

/** A point at which a release can be killed; see kill-at.ts. */
export interface KillPoint {
  /** `record:12:torn` */
  readonly point: string;
  /** What is done there: `after step stage`, `PUT /@acme/a`. */
  readonly what: string;
}

/** How {@link startRelease} starts a command. */
export interface StartOptions {
  args?: readonly string[];
  env?: Environment;
}

const preload = pathToFileURL(join(import.meta.dirname, "kill-at.ts")).href;
const bin = join(import.meta.dirname, "../../src/bin.ts");

/** One gate that needs no tool, one consumer: each test releases dozens of times. */
export const chainConfig = { build: ["true"], gates: ["contents"], policy: { contents: { required: [] } } };

/** A folder for workspaces, whose environment this process takes on too. */
export function enterTestRoot(): TestRoot {
  const root = makeTestRoot();
  for (const [name, value] of Object.entries(root.env)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  return root;
}

/** Three packages, each needing the one before, that were never released. */
export function makeChain(root: TestRoot): TestWorkspace {
  return root.workspace({ fixture: "chain", config: chainConfig });
}

/** The chain after a first release, with a tag on each package that no release made, and all of it changed since. */
export async function makeReleasedChain(root: TestRoot): Promise<TestWorkspace> {
  const workspace = makeChain(root);
  await releaseInProcess(workspace);
  await using registry = await serveInProcess(workspace.folder);
  const client = openClient(workspace, registry);
  for (const name of chainNames) await client.setTag(name, "stable", "1.0.0");
  changeChain(workspace);
  return workspace;
}

/** Changes all packages of the chain: 1.1.0 is next. */
export function changeChain(workspace: TestWorkspace): void {
  workspace.edit("packages/a/index.js", (text) => text.replace("1", "2"));
  workspace.change({ "@acme/a": "minor", "@acme/b": "minor", "@acme/c": "minor" });
  workspace.commit();
}

/** Starts a release command in a process of its own, with kill-at.ts loaded into it. */
export function startRelease(workspace: TestWorkspace, { args = [], env = {} }: StartOptions = {}): Running {
  const options = ["--conditions=@hxp/source", "--import", preload];
  const command = [process.execPath, ...options, bin, ...args, "--cwd", workspace.folder];
  const compiled = { NODE_COMPILE_CACHE: join(workspace.folder, "../compiled") };
  return startProgram(command, { cwd: workspace.folder, env: { ...compiled, ...leavingGatesOut, ...env } });
}

/** Runs a release command to its end and lists every point that it passes. */
export async function listPoints(workspace: TestWorkspace, args: readonly string[] = []): Promise<KillPoint[]> {
  const list = `${workspace.folder}.points`;
  const run = await startRelease(workspace, { args, env: { HXP_KILL_LIST: list } }).ended;
  assert.equal(run.exitCode, 0, run.text);
  return readPoints(list);
}

/** Reads what kill-at.ts has listed so far. */
export function readPoints(list: string): KillPoint[] {
  const lines = readFileSync(list, "utf8").split("\n");
  return lines.slice(0, -1).map((line) => JSON.parse(line) as KillPoint);
}

/** Starts a release command that ends itself at a point; any other end is an error of the test. */
export async function killRelease(workspace: TestWorkspace, at: string, args: readonly string[] = []): Promise<Run> {
  const { child, ended } = startRelease(workspace, { args, env: { HXP_KILL_AT: at } });
  const run = await ended;
  assert.equal(child.signalCode, "SIGKILL", `${at} was not reached; exit code ${run.exitCode}:\n${run.text}`);
  return run;
}

/** Runs a release command in this process; anything but success is an error. */
export async function releaseInProcess(workspace: TestWorkspace, args: readonly string[] = []): Promise<void> {
  const run = await runInProcess([...args, "--cwd", workspace.folder]);
  assert.equal(run.exitCode, 0, run.text);
}
