import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { HxpError } from "@hxp/errors";
import { parse } from "yaml";
import { z } from "zod";
import { runCommand } from "../workspace/run-command.ts";
import { manifestOf } from "./change.ts";

/** What pnpm resolves a workspace from, in a folder of its own; leaving its scope removes it. */
export interface ScratchWorkspace extends Disposable {
  /** Absolute path of the workspace in it. */
  readonly folder: string;
  /** All files as they are now, by path in the workspace. */
  read(): ReadonlyMap<string, string>;
  /** Puts files back to what they were. */
  restore(files: ReadonlyMap<string, string>): void;
  /** What differs from how it began, as `git apply` takes it in the repository; empty if nothing does. */
  diff(): Promise<string>;
}

/** What {@link openScratchWorkspace} copies. */
export interface ScratchOptions {
  workspace: string;
  /** Path of the workspace in its repository, with a slash at its end, or empty. */
  prefix: string;
  /** Folders of the workspace's packages, its root too, relative to it. */
  folders: readonly string[];
  env: NodeJS.ProcessEnv;
}

const settingsSchema = z.looseObject({ patchedDependencies: z.record(z.string(), z.string()).default({}) });

/** Files beside the manifests that change how pnpm resolves. */
const optionalFiles = [".npmrc", ".pnpmfile.cjs", ".pnpmfile.mjs"];

/** Copies manifests, lockfile, settings and patches into a temporary folder. Throws WORKSPACE_INVALID. */
export async function openScratchWorkspace(options: ScratchOptions): Promise<ScratchWorkspace> {
  const { workspace, prefix, folders, env } = options;
  const top = mkdtempSync(join(tmpdir(), "hxp-resolve-"));
  const folder = join(top, prefix);
  const remove = (): void => rmSync(top, { recursive: true, force: true });
  try {
    const edited = ["pnpm-workspace.yaml", "pnpm-lock.yaml", ...folders.map((path) => manifestOf(path))];
    for (const path of edited) copyInto(workspace, folder, path);
    const beside = [...optionalFiles, ...readPatches(join(folder, "pnpm-workspace.yaml"))];
    for (const path of beside) if (existsSync(join(workspace, path))) copyInto(workspace, folder, path);
    const git = (...args: string[]): Promise<string> => runCommand(["git", ...args], { cwd: top, env });
    await git("init", "--quiet", "--initial-branch=scratch");
    await git("-c", "core.autocrlf=false", "add", "--all", "--force", ".");
    return {
      folder,
      read: () => new Map(edited.map((path) => [path, readFileSync(join(folder, path), "utf8")])),
      restore: (files) => {
        for (const [path, text] of files) writeFileSync(join(folder, path), text);
      },
      diff: async () => {
        const plain = ["--no-color", "--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/"];
        const text = await git("-c", "core.autocrlf=false", "diff", ...plain);
        return text === "" ? "" : `${text}\n`;
      },
      [Symbol.dispose]: remove,
    };
  } catch (error) {
    remove();
    throw error;
  }
}

function copyInto(workspace: string, folder: string, path: string): void {
  const source = join(workspace, path);
  if (!existsSync(source)) throw new HxpError("WORKSPACE_INVALID", `${workspace} has no ${path}`);
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  copyFileSync(source, join(folder, path));
}

/** Paths of patches, as far as they lie in the workspace. */
function readPatches(path: string): string[] {
  const settings = settingsSchema.safeParse(parse(readFileSync(path, "utf8")) ?? {}).data;
  return Object.values(settings?.patchedDependencies ?? {}).filter((patch) => !/^(\/|\.\.)|\/\.\.\//.test(patch));
}
