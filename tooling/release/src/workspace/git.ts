import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HxpError } from "@hxp/errors";
import { runCommand } from "./run-command.ts";

/** A git repository, and where in it the workspace lies. */
export interface Repository {
  /** Absolute path of the repository's top folder. */
  readonly top: string;
  /** Path of the workspace inside it, with a slash at its end, or empty. */
  readonly prefix: string;
  /** Runs git and returns its output. */
  readonly git: (args: readonly string[], options?: { env?: NodeJS.ProcessEnv; input?: string }) => Promise<string>;
}

/** Opens the repository that a workspace lies in; WORKSPACE_NOT_GIT where there is none. */
export async function openRepository(workspace: string, env: NodeJS.ProcessEnv = process.env): Promise<Repository> {
  const run =
    (cwd: string) =>
    async (args: readonly string[], options: { env?: NodeJS.ProcessEnv; input?: string } = {}) =>
      runCommand(["git", ...args], {
        cwd,
        env: { ...env, ...options.env },
        timeoutMs: 120_000,
        ...(options.input === undefined ? {} : { input: options.input }),
      });
  const output = await run(workspace)(["rev-parse", "--show-toplevel", "--show-prefix"]).catch((error: unknown) => {
    throw new HxpError("WORKSPACE_NOT_GIT", `${workspace} is not in a git repository`, { cause: error });
  });
  const [top = "", prefix = ""] = output.split("\n");
  return { top, prefix, git: run(top) };
}

/** What a release is made from: a commit, and whether the working tree differed from it. */
export interface Source {
  /** The commit checked out. */
  commit: string;
  /** The tree that is released: the commit's, or the working tree's when dirty. */
  tree: string;
  /** Committer time of the commit, seconds since 1970. */
  time: number;
  /** Paths that differ from the commit; empty when clean. */
  dirty: string[];
  branch: string | undefined;
}

/** Reads what would be released now. Ignored files never count; untracked ones make the tree dirty. */
export async function readSource(repository: Repository): Promise<Source> {
  const { git } = repository;
  const head = await git(["rev-parse", "--verify", "HEAD"]).catch((error: unknown) => {
    throw new HxpError("WORKSPACE_NOT_GIT", `${repository.top} has no commit yet`, { cause: error });
  });
  const [status, time, branch] = await Promise.all([
    git(["status", "--porcelain", "--no-renames", "-z", "--untracked-files=all"]),
    git(["log", "-1", "--no-show-signature", "--format=%ct", head]),
    git(["branch", "--show-current"]),
  ]);
  const dirty = status.split("\0").flatMap((entry) => (entry === "" ? [] : [entry.slice(3)]));
  const tree = dirty.length === 0 ? await git(["rev-parse", `${head}^{tree}`]) : await writeWorkingTree(repository);
  return { commit: head, tree, time: Number(time), dirty, branch: branch === "" ? undefined : branch };
}

/** The same bytes wherever a release is made: a user's line endings and encoding do not enter it. */
const asStored = ["-c", "core.autocrlf=false", "-c", "core.eol=lf", "-c", "i18n.commitEncoding=UTF-8"];

/** Writes a tree's files into an empty folder, without a `.git`: an export, not a checkout. */
export async function exportTree(repository: Repository, tree: string, folder: string): Promise<void> {
  await withScratchIndex(async (env) => {
    await repository.git(["read-tree", tree], { env });
    await repository.git([...asStored, "checkout-index", "--all", "--force", `--prefix=${folder}/`], { env });
  });
}

/** What {@link writeReleaseCommit} takes. */
export interface ReleaseCommitOptions {
  source: Source;
  /** Folder that holds the exported repository with the versions applied. */
  folder: string;
  /** Paths, relative to the repository's top, that the versioning wrote or removed. */
  changed: readonly string[];
  message: string;
}

/**
 * Writes the commit that a release is built from: the source's tree with versions and changelogs applied. Author and
 * date come from the source, so the same source gives the same commit, and no git identity is needed.
 */
export async function writeReleaseCommit(repository: Repository, options: ReleaseCommitOptions): Promise<string> {
  const { source, folder, changed, message } = options;
  if (changed.length === 0 && source.dirty.length === 0) return source.commit;
  const identity = { NAME: "hxp release", EMAIL: "release@hxp.invalid", DATE: `${source.time} +0000` };
  const who = Object.entries(identity).flatMap(([key, value]) => [
    [`GIT_AUTHOR_${key}`, value],
    [`GIT_COMMITTER_${key}`, value],
  ]);
  return withScratchIndex(async (env) => {
    await repository.git(["read-tree", source.tree], { env });
    const input = changed.map((path) => `${path}\0`).join("");
    await repository.git([...asStored, `--work-tree=${folder}`, "update-index", "--add", "--remove", "-z", "--stdin"], {
      env,
      input,
    });
    const tree = await repository.git(["write-tree"], { env });
    const args = [...asStored, "commit-tree", tree, "-p", source.commit, "-m", message];
    return repository.git(args, { env: { ...env, ...Object.fromEntries(who) } });
  });
}

/** The tree id of each folder in a tree-ish; a folder that is not there has none. */
export async function readFolderTrees(
  repository: Repository,
  treeish: string,
  folders: readonly string[],
): Promise<Record<string, string>> {
  if (folders.length === 0) return {};
  const paths = folders.map((folder) => `${repository.prefix}${folder}`);
  const output = await repository.git(["ls-tree", "-z", treeish, "--", ...paths]);
  const entries = output.split("\0").flatMap((line): [string, string][] => {
    const [, type, id, path] = /^\d+ (\w+) ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
    return type === "tree" && id !== undefined && path !== undefined
      ? [[path.slice(repository.prefix.length), id]]
      : [];
  });
  return Object.fromEntries(entries);
}

async function writeWorkingTree(repository: Repository): Promise<string> {
  return withScratchIndex(async (env) => {
    await repository.git(["read-tree", "HEAD"], { env });
    await repository.git(["add", "--all", "."], { env });
    return repository.git(["write-tree"], { env });
  });
}

async function withScratchIndex<T>(work: (env: NodeJS.ProcessEnv) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "hxp-index-"));
  try {
    return await work({ GIT_INDEX_FILE: join(folder, "index") });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
