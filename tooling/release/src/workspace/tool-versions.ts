import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ReleaseContext } from "../release-context.ts";
import { runCommand } from "./run-command.ts";

/** Versions of what builds and packs; TOOL_MISSING for one that is not there. They enter the plan. */
export async function readToolVersions(context: ReleaseContext): Promise<Record<string, string>> {
  const { workspace, childEnv: env } = context;
  const run = async (command: string[]): Promise<string> =>
    runCommand(command, { cwd: workspace, env, timeoutMs: 60_000 });
  const [node, pnpm, git] = await Promise.all([
    run(["node", "--version"]),
    run(["pnpm", "--version"]),
    run(["git", "--version"]),
  ]);
  const lockedTools = readLocked(workspace, ["turbo", "tsup", "typescript", "@changesets/cli"]);
  return { node: node.replace(/^v/, ""), pnpm, git: git.replace(/^git version /, ""), ...lockedTools };
}

function readLocked(workspace: string, names: readonly string[]): Record<string, string> {
  const versions = names.flatMap((name): [string, string][] => {
    try {
      const manifest: unknown = JSON.parse(readFileSync(join(workspace, "node_modules", name, "package.json"), "utf8"));
      const version =
        typeof manifest === "object" && manifest !== null && "version" in manifest ? manifest.version : undefined;
      return typeof version === "string" ? [[name, version]] : [];
    } catch {
      return [];
    }
  });
  return Object.fromEntries(versions);
}
