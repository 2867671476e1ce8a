import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { type ProgramEnd, runProgram } from "./run-program.ts";
import type { GateTools } from "../gate.ts";

/** How {@link runClosedNode} runs code of the project. */
export interface ClosedNodeOptions {
  tools: GateTools;
  /** Absolute folder in which the home is made. */
  scratch: string;
  /** Where it starts; default: its home. */
  cwd?: string;
  /** Variables beside the few that it gets anyhow. */
  variables?: Readonly<Record<string, string>>;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/** What a program needs to start and to write its texts; no setting of a package manager, and no credential, has such a name. */
const passedOn = ["PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH"];

/**
 * Runs code of the project that is only asked something, on the oldest Node that consumers are promised: in an empty home
 * that is its temporary folder, too, and is gone afterwards, with hardly any of the environment.
 * Rejects with the signal's reason when that is aborted.
 */
export async function runClosedNode(args: readonly string[], options: ClosedNodeOptions): Promise<ProgramEnd> {
  const { tools, scratch, cwd, variables, timeoutMs, signal } = options;
  const [version = process.versions.node] = tools.nodes;
  const bin = await tools.node(version);
  await mkdir(scratch, { recursive: true });
  const home = await mkdtemp(join(scratch, "home-"));
  try {
    const kept = passedOn.flatMap((name) => (tools.env[name] === undefined ? [] : [[name, tools.env[name]] as const]));
    const env: NodeJS.ProcessEnv = { ...Object.fromEntries(kept), HOME: home, TMPDIR: home, ...variables };
    env["PATH"] = env["PATH"] === undefined ? bin : `${bin}${delimiter}${env["PATH"]}`;
    return await runProgram([join(bin, "node"), ...args], { cwd: cwd ?? home, env, timeoutMs, signal });
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 3 });
  }
}
