import type { ReleaseContext } from "../release-context.ts";
import { runCommand } from "../workspace/run-command.ts";

/** The registry that third-party packages come from, as pnpm is set up in the workspace; undefined when it cannot be told. */
export async function readUpstream({
  workspace,
  childEnv: env,
}: Pick<ReleaseContext, "workspace" | "childEnv">): Promise<string | undefined> {
  const output = await runCommand(["pnpm", "config", "get", "registry"], { cwd: workspace, env, timeoutMs: 30_000 });
  const url = URL.parse(output.trim());
  return url === null ? undefined : url.href;
}
