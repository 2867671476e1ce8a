import { join } from "node:path";
import { HxpError } from "@hxp/errors";
import { execaNode } from "execa";

/** What one process of ours did. */
export interface ReleaseRun {
  /** The commit with the next versions written. */
  releaseCommit: string;
  /** Milliseconds by step. */
  durations: Record<string, number>;
}

/** What {@link runRelease} takes. */
export interface RunReleaseOptions {
  workspace: string;
  /** Folder of journal, keys, log, evidence and registry. */
  state: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
}

/**
 * Runs our release in a process of its own, as `pnpm release` is: nothing is warm but the registry. A run until `signed`
 * stops before the first upload; one until `promoted` finds that on disk, as after a kill, and goes on from there.
 */
export async function runRelease(
  { workspace, state, env, signal }: RunReleaseOptions,
  until: "signed" | "promoted",
): Promise<ReleaseRun> {
  const child = execaNode(join(import.meta.dirname, "release-process.ts"), [workspace, state, until], {
    nodeOptions: ["--conditions=@hxp/source", "--no-warnings"],
    env,
    extendEnv: false,
    cancelSignal: signal,
    ipc: true,
    stdin: "ignore",
    reject: false,
  });
  const [run] = await Promise.allSettled([child.getOneMessage()]);
  const { failed, stderr } = await child;
  if (!failed && run.status === "fulfilled") return run.value as ReleaseRun;
  throw new HxpError("COMMAND_FAILED", `Our release failed\n${stderr}`);
}
