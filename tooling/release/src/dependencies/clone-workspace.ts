import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRepository, type Repository } from "../workspace/git.ts";
import { runCommand } from "../workspace/run-command.ts";

/** A clone of the workspace's repository in which updates are tried; leaving its scope removes it. */
export interface ClonedWorkspace extends Disposable {
  repository: Repository;
  /** The workspace's folder in the clone. */
  folder: string;
}

/** Clones a commit of a repository into a temporary folder, with the user's name for commits. */
export async function cloneWorkspace(
  { top, prefix, git }: Repository,
  { commit, env }: { commit: string; env: NodeJS.ProcessEnv },
): Promise<ClonedWorkspace> {
  const parent = mkdtempSync(join(tmpdir(), "hxp-updates-"));
  const clone = join(parent, "tree");
  try {
    await runCommand(["git", "clone", "--quiet", "--no-checkout", "--shared", top, clone], { cwd: parent, env });
    await runCommand(["git", "checkout", "--quiet", "--detach", commit], { cwd: clone, env });
    for (const key of ["user.name", "user.email"]) {
      // git ends with 1 where there is no such key, and says by itself at the commit what is missing.
      const value = await git(["config", "--get", key]).catch(() => "");
      if (value !== "") await runCommand(["git", "config", key, value], { cwd: clone, env });
    }
    const folder = join(clone, prefix);
    const dispose = (): void => rmSync(parent, { recursive: true, force: true });
    return { repository: await openRepository(folder, env), folder, [Symbol.dispose]: dispose };
  } catch (error) {
    rmSync(parent, { recursive: true, force: true });
    throw error;
  }
}
