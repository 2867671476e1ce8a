import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ApiChange } from "../api-change.ts";
import type { ApiProblem, ComparisonContext, PartResult, ReleasedPackage } from "../compare-package.ts";
import { binsOf } from "../manifest/compare-manifest.ts";
import type { PackedPackage } from "../packed-package.ts";
import type { CliSurface } from "./cli-surface.ts";
import { compareCli } from "./compare-cli.ts";
import { installPrevious } from "./install-previous.ts";
import { readCli, type ReadCliResult } from "./read-cli.ts";

/**
 * Compares the programs of a package by their help. Those of this release run from the built workspace, those of the last
 * from an installation; what a tarball's programs said is kept by the tarball's digest, so the next release need not install.
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

async function readNow(
  name: string,
  { item, after }: ReleasedPackage,
  context: ComparisonContext,
): Promise<ReadCliResult> {
  const { input } = context;
  const path = (binsOf(after.manifest).get(name) ?? "").replace(/^\.\//, "");
  const folder = join(input.workspace, item.folder);
  const other = await findDifference(after, folder);
  if (other !== undefined) {
    return {
      problem: `${other} of ${after.name} in the workspace is not the one in the tarball, so it cannot be run for it.`,
    };
  }
  const file = join(folder, path);
  return remember({ item: after, name }, context, async () => readCli(await program(name, file, context)));
}

/** A code file that the workspace has not, or not as it was packed. */
async function findDifference({ files }: PackedPackage, folder: string): Promise<string | undefined> {
  const code = [...files].filter(([path]) => /\.[cm]?js$/.test(path));
  const isSame = await Promise.all(
    code.map(
      async ([path, bytes]) => (await readFile(join(folder, path)).catch(() => undefined))?.equals(bytes) === true,
    ),
  );
  return code[isSame.indexOf(false)]?.[0];
}

async function readBefore(name: string, item: ReleasedPackage, context: ComparisonContext): Promise<ReadCliResult> {
  const { before } = item;
  if (before === undefined) return { problem: `${name} has no last release.` };
  return remember({ item: before, name }, context, async () => {
    const installed = await installPrevious(item, context);
    if ("problem" in installed) return installed;
    const path = binsOf(before.manifest).get(name) ?? "";
    return readCli(await program(name, join(installed.folder, path), context));
  });
}

async function program(name: string, file: string, { input }: ComparisonContext) {
  const { tools, policy, signal, scratch } = input;
  const [version = process.versions.node] = tools.nodes;
  const folder = join(scratch, "home", name);
  await mkdir(folder, { recursive: true });
  const bin = await tools.node(version);
  const env = { ...tools.env, PATH: `${bin}:${tools.env["PATH"] ?? ""}` };
  return { name, command: [join(bin, "node"), file], folder, env, policy: policy.api.cli, signal };
}

/** Changes with what is read of help, so that nothing that an earlier reader kept is taken for the whole. */
const format = 1;

async function remember(
  { item, name }: { item: PackedPackage; name: string },
  { input }: ComparisonContext,
  read: () => Promise<ReadCliResult>,
): Promise<ReadCliResult> {
  const folder = join(input.cache, "api-programs");
  const file = join(folder, `${createHash("sha256").update(`${format} ${item.digest} ${name}`).digest("hex")}.json`);
  const kept = await readFile(file, "utf8").catch(() => undefined);
  if (kept !== undefined) return { surface: JSON.parse(kept) as CliSurface };
  const result = await read();
  if ("problem" in result) return result;
  await mkdir(folder, { recursive: true });
  await writeFile(file, JSON.stringify(result.surface));
  return result;
}
