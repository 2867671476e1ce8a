import { join } from "node:path";
import type { GateTools } from "../gate.ts";
import { runClosedNode } from "../process/run-closed-node.ts";

/** How programs are asked. */
export interface HelpOptions {
  tools: GateTools;
  scratch: string;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/** What a program says of itself, or why it says nothing. */
export type HelpAnswer = { text: string } | { problem: string };

/** Runs a program with `--help` behind the words of a command, and gives what it prints when it ends well. */
export async function askForHelp(file: string, words: readonly string[], options: HelpOptions): Promise<HelpAnswer> {
  const { failure, stdout, output } = await runClosedNode([file, ...words, "--help"], {
    ...options,
    variables: {
      NO_COLOR: "1",
      COLUMNS: "200",
      CI: "true",
      // All commands of a program are the same code.
      NODE_COMPILE_CACHE: join(options.scratch, "compiled"),
    },
  });
  if (failure !== undefined) return { problem: `it ${failure}` };
  const text = stdout.trim() === "" ? output : stdout;
  return text.trim() === "" ? { problem: "it prints nothing" } : { text };
}
