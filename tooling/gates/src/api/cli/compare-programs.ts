import { createHash } from "node:crypto";
import { join } from "node:path";
import type { ApiChange } from "../api-change.ts";
import type { ApiProblem, ComparisonContext, PartResult, ReleasedPackage } from "../compare-package.ts";
import { binsOf } from "../manifest/compare-manifest.ts";
import { readRecordFile, writeRecordFile } from "../../store/record-file.ts";
import { findDifference, type PackedPackage } from "../packed-package.ts";
import { cliSurfaceSchema } from "./cli-surface.ts";
import { compareCli } from "./compare-cli.ts";
import { installPrevious } from "./install-previous.ts";
import { digestsBefore, digestsNow } from "./own-dependencies.ts";
import { type Program, readCli, type ReadCliResult } from "./read-cli.ts";

/**
 * Compares the programs of a package by their help. Those of this release run from the built workspace, those of the last
 * from an installation; what programs said is kept by the digests of the tarballs that they load, so the next release
 * need not install.
 */
export async function comparePrograms(item: ReleasedPackage, context: ComparisonContext): Promise<PartResult> {
  const { after, before } = item;
  const { ignore } = context.input.policy.api.cli;
  const names = [...binsOf(after.manifest).keys()].filter((name) => !ignore.includes(name));
  const parts = await Promise.all(
    names.map(async (name): Promise<ProgramResult> => {
      const now = await readNow(name, item, context);
      if ("problem" in now) return failed(name, 0, now.problem);
      const commands = Object.keys(now.surface).length;
      const isNew = before === undefined || !binsOf(before.manifest).has(name);
      if (isNew) return { changes: [], commands, problems: [] };
      const was = await readBefore(name, item, context);
      if ("problem" in was) return failed(name, commands, was.problem);
      return { changes: compareCli(name, { before: was.surface, after: now.surface }), commands, problems: [] };
    }),
  );
  return {
    changes: parts.flatMap(({ changes }) => changes),
    surface: { commands: parts.reduce((sum, { commands }) => sum + commands, 0) },
    problems: parts.flatMap(({ problems }) => problems),
  };
}

interface ProgramResult {
  changes: readonly ApiChange[];
  commands: number;
  problems: ApiProblem[];
}

function failed(name: string, commands: number, message: string): ProgramResult {
  return { changes: [], commands, problems: [{ rule: "programs-unknown", where: `bin.${name}`, message }] };
}

async function readNow(name: string, item: ReleasedPackage, context: ComparisonContext): Promise<ReadCliResult> {
  const { after } = item;
  const folder = join(context.input.workspace, item.item.folder);
  const other = await findDifference(after, folder);
  if (other !== undefined) {
    return {
      problem: `${other} of ${after.name} in the workspace is not the one in the tarball, so it cannot be run for it.`,
    };
  }
  const key = keyOf(name, after, await digestsNow(item, context));
  return remember(key, context, () => readCli(programIn({ name, item: after, folder }, context)));
}

async function readBefore(name: string, item: ReleasedPackage, context: ComparisonContext): Promise<ReadCliResult> {
  const { before } = item;
  if (before === undefined) return { problem: `${name} has no last release.` };
  const key = keyOf(name, before, await digestsBefore(item, context));
  return remember(key, context, async () => {
    const installed = await installPrevious(item, context);
    if ("problem" in installed) return installed;
    return readCli(programIn({ name, item: before, folder: installed.folder }, context));
  });
}

/** A program of a package, in the folder where that is. */
function programIn(
  { name, item, folder }: { name: string; item: PackedPackage; folder: string },
  { input }: ComparisonContext,
): Program {
  const { tools, scratch, signal, policy } = input;
  const { timeoutSeconds, maxCommands } = policy.api.cli;
  const file = join(folder, binsOf(item.manifest).get(name) ?? "");
  return { name, file, maxCommands, help: { tools, scratch, timeoutMs: timeoutSeconds * 1000, signal } };
}

/** Changes with what is read of help, so that nothing that an earlier reader kept is taken for the whole. */
const format = 4;

/**
 * What the help of a program depends on: its package, and those of the workspace that it loads, by their tarballs. Others
 * are what the ranges in these tarballs say. Undefined where one of them is not known.
 */
function keyOf(name: string, { digest }: PackedPackage, loaded: readonly string[] | undefined): string | undefined {
  if (loaded === undefined) return undefined;
  return createHash("sha256")
    .update(JSON.stringify([format, name, digest, loaded]))
    .digest("hex");
}

async function remember(
  key: string | undefined,
  { input }: ComparisonContext,
  read: () => Promise<ReadCliResult>,
): Promise<ReadCliResult> {
  if (key === undefined) return read();
  const file = join(input.cache, "api-programs", `${key}.json`);
  const kept = await readRecordFile(file, { key, schema: cliSurfaceSchema });
  if (kept !== undefined) return { surface: kept };
  const result = await read();
  if ("surface" in result) await writeRecordFile(file, key, result.surface);
  return result;
}
