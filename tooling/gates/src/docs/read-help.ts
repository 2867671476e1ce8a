import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { createLimit } from "../process/create-limit.ts";
import type { GateInput } from "../gate.ts";
import { askForHelp } from "../help/ask-for-help.ts";
import { parseHelp } from "../help/parse-help.ts";
import { type ProgramHelp, toProgramHelp } from "./program-help.ts";

/** Asks a program for the help of a subcommand, by its words; undefined where it gives none. */
export type ReadHelp = (file: string, path: readonly string[]) => Promise<ProgramHelp | undefined>;

const timeoutMs = 30_000;

/** Runs programs with `--help`, each way of asking once, few at a time. */
export function createHelpReader({
  tools,
  scratch,
  signal,
}: Pick<GateInput, "tools" | "scratch" | "signal">): ReadHelp {
  const known = new Map<string, Promise<ProgramHelp | undefined>>();
  const limit = createLimit(availableParallelism());
  const run = async (file: string, path: readonly string[]): Promise<ProgramHelp | undefined> => {
    if (!existsSync(file)) return undefined;
    const answer = await limit(() => askForHelp(file, path, { tools, scratch, timeoutMs, signal }));
    return "problem" in answer ? undefined : toProgramHelp(parseHelp(answer.text));
  };
  return (file, path) => {
    const key = JSON.stringify([file, path]);
    const result = known.get(key) ?? run(file, path);
    known.set(key, result);
    return result;
  };
}
