import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { isHxpError } from "@hxp/errors";
import type { ComparisonContext, ReleasedPackage } from "../compare-package.ts";
import { listOwn, longestHistory } from "./own-dependencies.ts";

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

/** Tarballs of the last releases, and of own packages that are not released now but that a program needs. */
async function collectTarballs(item: ReleasedPackage, context: ComparisonContext): Promise<string[]> {
  const { released, input } = context;
  const tarballs = released.flatMap(({ base }) => (base === undefined ? [] : [base.tarball]));
  const known = new Set(released.map(({ after }) => after.name));
  const others = [...(await listOwn(item, context)).keys()].filter((name) => !known.has(name));
  const histories = await Promise.all(others.map((name) => input.history(name, longestHistory)));
  return [...tarballs, ...histories.flat().map(({ tarball }) => tarball)];
}
