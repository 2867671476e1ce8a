import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { temporaryFolder } from "./temporary-folder.ts";

/** What git sees on a machine where nobody has set it up: no identity, no configuration. */
export const bareEnvironment: NodeJS.ProcessEnv = {
  PATH: process.env["PATH"],
  HOME: "/nonexistent",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
};

/** A git repository for a test. */
export interface TestRepository {
  folder: string;
  git(...args: string[]): string;
  write(path: string, text: string): void;
  /** Commits all there is, as somebody, on the first second of 2026. */
  commit(): string;
}

/** A repository with these files in its first commit; with none, without a commit. */
export function makeRepository(files: Readonly<Record<string, string>> = {}): TestRepository {
  const folder = temporaryFolder();
  const time = "1767225600 +0000";
  const who = { GIT_AUTHOR_NAME: "Test", GIT_AUTHOR_EMAIL: "test@acme.example", GIT_AUTHOR_DATE: time };
  const committer = { GIT_COMMITTER_NAME: "Test", GIT_COMMITTER_EMAIL: "test@acme.example", GIT_COMMITTER_DATE: time };
  const env = { ...bareEnvironment, ...who, ...committer };
  const git = (...args: string[]): string => execFileSync("git", args, { cwd: folder, env, encoding: "utf8" }).trim();
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const commit = (): string => {
    git("add", "--all");
    git("commit", "--quiet", "--message", "change");
    return git("rev-parse", "HEAD");
  };
  git("init", "--quiet", "--initial-branch=main");
  for (const [path, text] of Object.entries(files)) write(path, text);
  if (Object.keys(files).length > 0) commit();
  return { folder, git, write, commit };
}
