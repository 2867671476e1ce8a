import { existsSync, mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { applyReleasePlan } from "@changesets/apply-release-plan";
import { writeFileDurably } from "@hxp/evidence/durable";
import type { NextVersions } from "../plan/assemble-versions.ts";
import { discardFolder } from "../workspace/discard-folder.ts";
import { exportTree, type Repository, type Source, writeReleaseCommit } from "../workspace/git.ts";
import { readWorkspace } from "../workspace/read-workspace.ts";
import { runCommand } from "../workspace/run-command.ts";
import { replaceNode } from "./build-node.ts";

/** How a tree is built. */
export interface BuildOptions {
  repository: Repository;
  /** Environment without credentials; its PATH decides which Node builds. */
  env: NodeJS.ProcessEnv;
  /** Command that builds; default: turbo if there is a turbo.json, else the packages' build scripts. */
  command: readonly string[] | undefined;
  /** Absolute path of the `node` that builds even where the workspace brings one of its own; default: that one, else PATH's. */
  node?: string | undefined;
  signal?: AbortSignal | undefined;
  onProgress: (text: string) => void;
}

/** A built tree on disk. */
export interface BuiltTree {
  /** The workspace in the exported tree. */
  workspace: string;
  releaseCommit: string;
}

/**
 * Exports the source into a folder outside of the workspace, installs what its lockfile names, writes the next versions,
 * and builds. The result is kept: a second call with the same folder and source finds it, a half-made one is begun anew.
 */
export async function buildSource(
  folder: string,
  { source, versions }: { source: Source; versions: NextVersions },
  options: BuildOptions,
): Promise<BuiltTree> {
  const { prefix } = options.repository;
  const marker = join(folder, "built.json");
  const built = readMarker(marker, source.tree);
  if (built !== undefined) {
    return { workspace: join(folder, built.tree, prefix), releaseCommit: built.releaseCommit };
  }
  const tree = await exportAndInstall(folder, source.tree, options);
  const workspace = join(tree, prefix);
  options.onProgress("writing versions");
  const changed = await applyVersions(workspace, versions, options);
  const releaseCommit = await writeReleaseCommit(options.repository, {
    source,
    folder: tree,
    changed: changed.map((path) => relative(tree, path)),
    message: renderCommitMessage(versions),
  });
  await build(workspace, options);
  writeFileDurably(marker, JSON.stringify({ source: source.tree, tree: basename(tree), releaseCommit }));
  return { workspace, releaseCommit };
}

/** Exports, installs and builds a release commit, whose versions are already written, from nothing. */
export async function buildCommit(folder: string, commit: string, options: BuildOptions): Promise<string> {
  const workspace = join(await exportAndInstall(folder, commit, options), options.repository.prefix);
  await build(workspace, options);
  return workspace;
}

/**
 * Returns the folder of the exported tree. It has a name of its own each time: an install or a build outlives a release
 * that was killed, and goes on writing where it was started.
 */
async function exportAndInstall(folder: string, treeish: string, options: BuildOptions): Promise<string> {
  discardFolder(folder, join(folder, "../trash"));
  mkdirSync(folder, { recursive: true });
  const tree = mkdtempSync(join(folder, "tree-"));
  options.onProgress("exporting the source");
  await exportTree(options.repository, treeish, tree);
  options.onProgress("installing dependencies");
  const install = ["install", "--frozen-lockfile", "--prefer-offline"];
  const workspace = join(tree, options.repository.prefix);
  await pnpm(workspace, install, options);
  if (options.node !== undefined) await replaceNode(workspace, options.node);
  return tree;
}

/** Returns the absolute paths that were written or removed. */
async function applyVersions(workspace: string, versions: NextVersions, options: BuildOptions): Promise<string[]> {
  if (versions.plan.releases.length === 0) return [];
  const { manypkg, changesetsConfig } = await readWorkspace(workspace);
  const touched = await applyReleasePlan(versions.plan, manypkg, changesetsConfig, undefined, import.meta.dirname);
  const lockfile = join(workspace, "pnpm-lock.yaml");
  const before = readFileSync(lockfile, "utf8");
  // Literal ranges between workspace packages stand in the lockfile, so moving them makes it stale.
  await pnpm(workspace, ["install", "--lockfile-only", "--offline", "--no-frozen-lockfile"], options);
  return readFileSync(lockfile, "utf8") === before ? touched : [...touched, lockfile];
}

async function build(workspace: string, options: BuildOptions): Promise<void> {
  options.onProgress("building");
  const command = options.command ?? defaultBuildCommand(workspace);
  await runCommand(command, {
    cwd: workspace,
    env: quiet(options.env),
    signal: options.signal,
    onLine: options.onProgress,
  });
}

/** No cache is read or written: what a release is built from must be its source and nothing else. */
function defaultBuildCommand(workspace: string): string[] {
  const turbo = ["pnpm", "exec", "turbo", "run", "build", "--cache=local:w", "--output-logs=errors-only"];
  return existsSync(join(workspace, "turbo.json")) ? turbo : ["pnpm", "--recursive", "--if-present", "run", "build"];
}

async function pnpm(workspace: string, args: readonly string[], options: BuildOptions): Promise<void> {
  await runCommand(["pnpm", ...args], { cwd: workspace, env: quiet(options.env), signal: options.signal });
}

function quiet(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, CI: "true", TURBO_TELEMETRY_DISABLED: "1", pnpm_config_verify_deps_before_run: "false" };
}

function readMarker(marker: string, source: string): { tree: string; releaseCommit: string } | undefined {
  if (!existsSync(marker)) return undefined;
  const built = JSON.parse(readFileSync(marker, "utf8")) as Partial<Record<string, string>>;
  const { tree, releaseCommit } = built;
  return built["source"] === source && tree !== undefined && releaseCommit !== undefined
    ? { tree, releaseCommit }
    : undefined;
}

function renderCommitMessage({ plan }: NextVersions): string {
  const lines = plan.releases
    .filter((release) => release.type !== "none")
    .map(({ name, newVersion }) => `- ${name}@${newVersion}`);
  return ["chore(release): version packages", "", ...lines.toSorted(), ""].join("\n");
}
