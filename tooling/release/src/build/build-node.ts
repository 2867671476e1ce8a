import { lstatSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { HxpError } from "@hxp/errors";
import { getPackages } from "@manypkg/get-packages";
import { runCommand } from "../workspace/run-command.ts";

/**
 * Makes a Node the one that an installed workspace builds on. A `node` among its dependencies stands in
 * `node_modules/.bin`, which pnpm puts before every PATH, and which its shims try first.
 *
 * @param node absolute path of the `node`
 */
export async function replaceNode(workspace: string, node: string): Promise<void> {
  const { packages } = await getPackages(workspace);
  for (const folder of [workspace, ...packages.map(({ dir }) => dir)]) {
    const link = join(folder, "node_modules/.bin/node");
    if (lstatSync(link, { throwIfNoEntry: false }) === undefined) continue;
    rmSync(link);
    symlinkSync(node, link);
  }
}

/**
 * The versions of Node that scripts of a workspace and of its packages run on, each once. Asked the way a build is run,
 * so that whatever decides about it decides here as well.
 *
 * @throws COMMAND_FAILED where one of them does not answer
 */
export async function readNodeVersions(
  workspace: string,
  { env, signal }: { env: NodeJS.ProcessEnv; signal?: AbortSignal | undefined },
): Promise<string[]> {
  const everywhere = ["--recursive", "--include-workspace-root", "--workspace-concurrency=1"];
  const command = ["pnpm", ...everywhere, "exec", "node", "--print", "'built on Node ' + process.versions.node"];
  const settings = { ...env, CI: "true", pnpm_config_verify_deps_before_run: "false" };
  const output = await runCommand(command, { cwd: workspace, env: settings, signal });
  const versions = [...output.matchAll(/built on Node (\d+\.\d+\.\d+)/g)].map(([, version = ""]) => version);
  if (versions.length > 0) return [...new Set(versions)].toSorted();
  throw new HxpError("COMMAND_FAILED", `No package of ${workspace} says which Node it is built on`);
}
