import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { satisfies } from "semver";
import type { CellCheck, CellOutcome } from "./cell.ts";
import { renderProject, writeProject } from "./consumer-project.ts";
import type { ContractFile } from "./contracts.ts";
import { type ImportReport, renderImportScript } from "./import-script.ts";
import type { Consumer } from "./plan-consumer.ts";
import type { Resolved } from "./resolve-consumer.ts";
import { type ProgramEnd, runProgram } from "../process/run-program.ts";
import type { Workbench } from "./workbench.ts";

/** What is installed and run, and where. */
export interface CellTask {
  consumer: Consumer;
  resolved: Resolved;
  node: string;
  contracts: readonly ContractFile[];
  contractTimeoutMs: number;
}

const importTimeoutMs = 60_000;
const binTimeoutMs = 30_000;
const installTimeoutMs = 300_000;

/** Nodes that can be told not to find a package: `registerHooks` of `node:module`. */
const hookedNodes = ">=22.15.0 <23.0.0 || >=23.5.0";

interface Cell extends CellTask {
  bench: Workbench;
  folder: string;
  env: NodeJS.ProcessEnv;
}

interface Step {
  checks: CellCheck[];
  log: string;
}

/**
 * Installs a resolved tree into an empty project with the cell's manager, on its Node, takes every export of the package,
 * runs its bins with `--help`, and its contract tests. Nothing is done once the install has failed.
 */
export async function runCell(bench: Workbench, task: CellTask): Promise<CellOutcome> {
  return bench.limit(async () => {
    const started = Date.now();
    const folder = await mkdtemp(join(bench.scratch, "cells/c-"));
    const { consumer, resolved, node, contracts } = task;
    await writeProject(folder, { ...renderProject(consumer), [resolved.lockfile.name]: resolved.lockfile.text });
    await writeContracts(folder, contracts);
    const steps = await runSteps({ ...task, bench, folder, env: bench.environment(node, folder) });
    return summarise(steps, { bench, folder, node, started });
  });
}

/** The outcome of a cell whose manager could not even resolve its dependencies. */
export function unresolvedOutcome(bench: Workbench, { failure, node }: { failure: string; node: string }): CellOutcome {
  const step: Step = { checks: [failed("install", lastLines(failure))], log: failure };
  return summarise([step], { bench, folder: bench.scratch, node, started: Date.now() });
}

async function runSteps(cell: Cell): Promise<Step[]> {
  const install = await runInstall(cell);
  if (install.checks.some(({ verdict }) => verdict === "failed")) return [install];
  const steps = [install, await runImports(cell)];
  const { surface } = cell.consumer.subject;
  // oxlint-disable no-await-in-loop -- the limit counts this cell as one process
  for (const bin of surface.bins) steps.push(await runBin(cell, bin));
  for (const contract of cell.contracts.filter(({ isTest }) => isTest)) steps.push(await runContract(cell, contract));
  // oxlint-enable no-await-in-loop
  return steps;
}

async function runInstall(cell: Cell): Promise<Step> {
  const command = cell.bench.command(cell.consumer.manager, cell.node, "install");
  const step = toStep("install", await run(cell, command, installTimeoutMs));
  // What a manager says of a sound install is of no use to anybody.
  return step.checks.some(({ verdict }) => verdict === "failed") ? step : { ...step, log: "" };
}

async function runImports(cell: Cell): Promise<Step> {
  const { surface, dependencies } = cell.consumer.subject;
  if (surface.imports.length === 0) return { checks: [], log: "" };
  const optional = dependencies.filter(({ isOptionalPeer }) => isOptionalPeer).map(({ name }) => name);
  const steps = [await runImportScript(cell, [])];
  if (optional.length > 0 && satisfies(cell.node, hookedNodes)) steps.push(await runImportScript(cell, optional));
  return { checks: steps.flatMap(({ checks }) => checks), log: steps.map(({ log }) => log).join("") };
}

async function runImportScript(cell: Cell, without: readonly string[]): Promise<Step> {
  const { imports } = cell.consumer.subject.surface;
  const suffix = without.length === 0 ? "" : " without optional peers";
  await writeFile(join(cell.folder, "check-imports.mjs"), renderImportScript(imports, without));
  const end = await run(cell, ["node", "check-imports.mjs"], importTimeoutMs);
  const reports = readReports(end);
  const checks = imports.map(({ specifier }): CellCheck => {
    const name = `import ${specifier}${suffix}`;
    const report = reports.find((entry) => entry.specifier === specifier);
    if (report === undefined) return failed(name, end.failure ?? "It ended the process that imported it.");
    return report.message === undefined ? { name, verdict: "passed" } : failed(name, report.message);
  });
  const messages = checks.flatMap(({ message }) => message ?? []);
  return { checks, log: [end.failure === undefined ? "" : end.output, ...messages].join("\n") };
}

function readReports({ failure, stdout }: ProgramEnd): ImportReport[] {
  if (failure !== undefined) return [];
  try {
    const text = stdout.trimEnd();
    return JSON.parse(text.slice(text.lastIndexOf("\n") + 1)) as ImportReport[];
  } catch {
    return [];
  }
}

async function runBin(cell: Cell, bin: string): Promise<Step> {
  const path = join(cell.folder, "node_modules/.bin", bin);
  return toStep(`bin ${bin}`, await run(cell, [path, "--help"], binTimeoutMs));
}

async function runContract(cell: Cell, { path }: ContractFile): Promise<Step> {
  return toStep(`contract ${path}`, await run(cell, ["node", path], cell.contractTimeoutMs));
}

async function writeContracts(folder: string, contracts: readonly ContractFile[]): Promise<void> {
  for (const { path, bytes } of contracts) {
    // oxlint-disable-next-line no-await-in-loop -- a folder before its files
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
}

function run({ bench, folder, env }: Cell, command: readonly string[], timeoutMs: number): Promise<ProgramEnd> {
  return runProgram(command, { cwd: folder, env, timeoutMs, signal: bench.signal });
}

function toStep(name: string, { failure, output }: ProgramEnd): Step {
  if (failure === undefined) return { checks: [{ name, verdict: "passed" }], log: output };
  return { checks: [failed(name, `${failure}: ${lastLines(output)}`)], log: output };
}

function failed(name: string, message: string): CellCheck {
  return { name, verdict: "failed", message };
}

/** What a person wants to see first. */
function lastLines(output: string): string {
  const lines = output
    .trim()
    .split("\n")
    .filter((line) => !/^ +at |^Node\.js v|^npm warn |^\s*$/.test(line));
  return lines.slice(-12).join("\n").slice(-1500);
}

interface Circumstances {
  bench: Workbench;
  folder: string;
  node: string;
  started: number;
}

function summarise(steps: readonly Step[], { bench, folder, node, started }: Circumstances): CellOutcome {
  const tidy = (text: string): string => withoutPlaces(text, { bench, folder, node });
  const checks = steps
    .flatMap((step) => step.checks)
    .map(({ message, ...check }) => ({ ...check, ...(message === undefined ? {} : { message: tidy(message) }) }));
  const verdict = checks.length > 0 && checks.every((check) => check.verdict === "passed") ? "passed" : "failed";
  const log = tidy(steps.map((step) => step.log.trim()).join("\n")).trim();
  return {
    verdict,
    startedAt: new Date(started).toISOString(),
    durationMs: Date.now() - started,
    checks,
    log: log.slice(verdict === "passed" ? -400 : -4096),
  };
}

/** The same on every machine. */
function withoutPlaces(text: string, { bench, folder, node }: Omit<Circumstances, "started">): string {
  return stripVTControlCharacters(text)
    .replaceAll(folder, "<project>")
    .replaceAll(bench.nodes.get(node)?.bin ?? "<node>", "<node>")
    .replaceAll(bench.scratch, "<scratch>")
    .replaceAll(bench.cache, "<cache>")
    .replaceAll(bench.registry, "<registry>/")
    .replaceAll(bench.origin, "<registry>/");
}
