import { mkdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { join, sep } from "node:path";
import { execa } from "execa";
import { isHxpError } from "@hxp/errors";
import type { ComparisonContext, ReleasedPackage } from "../compare-package.ts";

/** Where a package is installed, or why it cannot be. */
export type Installation = { folder: string } | { problem: string };

const timeout = 300_000;

/** Installs the last release of a package as a consumer does, from a registry that has the last releases of all. */
export async function installPrevious(item: ReleasedPackage, context: ComparisonContext): Promise<Installation> {
  const { input } = context;
  const { before } = item;
  if (before === undefined) return { problem: `${item.after.name} has no last release.` };
  const specifier = `${before.name}@${before.version}`;
  const project = join(input.scratch, "programs", before.name.replaceAll("/", "-"));
  try {
    const registry = await input.serve(await collectTarballs(item, context));
    await rm(project, { recursive: true, force: true });
    await mkdir(project, { recursive: true });
    await writeFile(join(project, "package.json"), JSON.stringify({ name: "consumer", private: true }));
    await writeFile(join(project, ".npmrc"), `registry=${registry}\n`);
    // What is served was released just now, and runs no script.
    await writeFile(join(project, "pnpm-workspace.yaml"), "minimumReleaseAge: 0\nignoreScripts: true\n");
    await execa("pnpm", ["add", "--ignore-scripts", specifier], {
      cwd: project,
      env: { ...input.tools.env, CI: "true" },
      extendEnv: false,
      timeout,
      ...(input.signal === undefined ? {} : { cancelSignal: input.signal }),
    });
    return { folder: join(project, "node_modules", before.name) };
  } catch (error) {
    input.signal?.throwIfAborted();
    const message = error instanceof Error ? error.message : String(error);
    const lines = message.split("\n").map((line) => line.trim());
    const line = isHxpError(error) ? message : (lines.find((text) => text.includes("ERR_PNPM")) ?? lines[0] ?? "");
    return { problem: `${specifier} cannot be installed, so its programs are unknown: ${line}` };
  }
}

/** How many releases of a package that is not released now are served. */
const longestHistory = 20;

/** Tarballs of the last releases, and of own packages that are not released now but that a program needs. */
async function collectTarballs({ item }: ReleasedPackage, { input, released }: ComparisonContext): Promise<string[]> {
  const tarballs = released.flatMap(({ base }) => (base === undefined ? [] : [base.tarball]));
  const folders = await listOwn(join(input.workspace, item.folder), await realpath(input.workspace));
  const known = new Set(released.map(({ after }) => after.name));
  const others = [...folders.keys()].filter((name) => !known.has(name));
  const histories = await Promise.all(others.map((name) => input.history(name, longestHistory)));
  return [...tarballs, ...histories.flat().map(({ tarball }) => tarball)];
}

/** Packages of the workspace that one depends on, however far, by name: links to folders that no package manager made. */
async function listOwn(folder: string, workspace: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const open = [folder];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    // oxlint-disable-next-line no-await-in-loop -- each tells of the next
    for (const name of await dependenciesOf(next)) {
      if (found.has(name)) continue;
      // oxlint-disable-next-line no-await-in-loop -- a look into a folder
      const target = await realpath(join(next, "node_modules", name)).catch(() => "");
      if (!target.startsWith(workspace + sep) || target.includes(`${sep}node_modules${sep}`)) continue;
      found.set(name, target);
      open.push(target);
    }
  }
  return found;
}

async function dependenciesOf(folder: string): Promise<string[]> {
  const text = await readFile(join(folder, "package.json"), "utf8").catch(() => "{}");
  const { dependencies = {} } = JSON.parse(text) as { dependencies?: Record<string, string> };
  return Object.keys(dependencies);
}
