import { execa } from "execa";
import { HxpError } from "@hxp/errors";

/** How {@link runCommand} runs a program. */
export interface RunOptions {
  cwd: string;
  /** The whole environment of the child; nothing is added. */
  env: NodeJS.ProcessEnv;
  /** Default 20 minutes. */
  timeoutMs?: number;
  input?: string;
  /** Exit codes beside 0 with which output is an answer; without output they are failures. */
  answersWith?: readonly number[];
  signal?: AbortSignal | undefined;
  /** Called for each line of output as it comes. */
  onLine?: ((line: string) => void) | undefined;
}

/**
 * Runs a program, without a shell, and returns what it wrote to standard output.
 *
 * @throws COMMAND_FAILED with the last lines of its output; TOOL_MISSING when it is not installed.
 */
export async function runCommand(command: readonly string[], options: RunOptions): Promise<string> {
  const [file = "", ...args] = command;
  const child = execa(file, args, {
    cwd: options.cwd,
    env: options.env,
    extendEnv: false,
    timeout: options.timeoutMs ?? 1_200_000,
    reject: false,
    all: true,
    stripFinalNewline: true,
    maxBuffer: 100_000_000,
    killSignal: "SIGTERM",
    forceKillAfterDelay: 5_000,
    ...(options.input === undefined ? { stdin: "ignore" as const } : { input: options.input }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  });
  if (options.onLine !== undefined) {
    for await (const line of child.iterable({ from: "all" })) options.onLine(line);
  }
  const result = await child;
  if (!result.failed || isAnswer(result, options)) return result.stdout;
  if (result.code === "ENOENT") {
    throw new HxpError("TOOL_MISSING", `${file} is not installed, or ${options.cwd} does not exist`);
  }
  throw new HxpError("COMMAND_FAILED", describeFailure(command, result), { cause: result.cause });
}

function isAnswer(
  { stdout, exitCode }: { stdout: string; exitCode?: number | undefined },
  { answersWith = [] }: RunOptions,
): boolean {
  return stdout !== "" && exitCode !== undefined && answersWith.includes(exitCode);
}

interface Failure {
  exitCode?: number | undefined;
  signal?: string | undefined;
  originalMessage?: string | undefined;
  timedOut: boolean;
  isCanceled: boolean;
  all?: string | undefined;
  cwd: string;
}

function describeFailure(command: readonly string[], result: Failure): string {
  const output = (result.all ?? "").split("\n").slice(-40).join("\n");
  return `\`${command.join(" ")}\` ${describeEnd(result)} in ${result.cwd}${output === "" ? "" : `\n${output}`}`;
}

function describeEnd({ timedOut, isCanceled, signal, exitCode, originalMessage }: Failure): string {
  if (timedOut) return "ran out of time";
  if (isCanceled) return "was stopped";
  if (signal !== undefined) return `was killed by ${signal}`;
  return exitCode === undefined ? `did not run (${originalMessage})` : `ended with ${exitCode}`;
}
