import { spawn } from "node:child_process";

/** How {@link runProgram} runs a program. */
export interface RunProgramOptions {
  cwd: string;
  /** The whole environment. */
  env: NodeJS.ProcessEnv;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/** How a program ended, with the end of what it wrote to both outputs. */
export interface ProgramEnd {
  /** Undefined when it ended well; else a few words, such as `ended with 1`. */
  failure?: string;
  output: string;
  /** Standard output alone, whole up to a mebibyte. */
  stdout: string;
}

const outputLimit = 64 * 1024;
const stdoutLimit = 1024 * 1024;

/** How long a program's outputs may stay open after its end, in milliseconds. */
const closingTimeMs = 2_000;

/**
 * Runs a program in a process group of its own and waits for it. What it left running in its group ends with it; what
 * left the group, too, is not waited for. Never rejects for what the program does; rejects with the signal's reason when that is aborted.
 */
export async function runProgram(command: readonly string[], options: RunProgramOptions): Promise<ProgramEnd> {
  const [file = "", ...args] = command;
  const { cwd, env, timeoutMs, signal } = options;
  signal?.throwIfAborted();
  const child = spawn(file, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const kill = (): void => killGroup(child.pid);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    kill();
  }, timeoutMs);
  signal?.addEventListener("abort", kill);
  let output = "";
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output = (output + text).slice(-outputLimit);
    stdout = (stdout + text).slice(0, stdoutLimit);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output = (output + text).slice(-outputLimit)));
  try {
    const failure = await waitForEnd(child, kill);
    signal?.throwIfAborted();
    const reason = isLate ? `took longer than ${timeoutMs / 1000} seconds` : failure;
    return { output, stdout, ...(reason === undefined ? {} : { failure: reason }) };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", kill);
  }
}

/** The group is ended as soon as its first process is gone: a server left behind would keep the outputs open. */
function waitForEnd(child: ReturnType<typeof spawn>, kill: () => void): Promise<string | undefined> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(`did not start: ${error.message}`));
    child.once("exit", (code, endedBy) => {
      kill();
      const failure = endedBy === null ? (code === 0 ? undefined : `ended with ${code}`) : `was ended by ${endedBy}`;
      // A process in a session of its own survives its group, and holds the outputs.
      const timer = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, closingTimeMs);
      child.once("close", () => {
        clearTimeout(timer);
        resolve(failure);
      });
    });
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    // It is gone already.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
