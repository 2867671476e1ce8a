import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** A process of a test, with the JSON lines that it wrote. */
export interface Child {
  process: ChildProcess;
  lines: Record<string, unknown>[];
  /** Waits for a line that has these fields. */
  line(fields: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>>;
  /** Waits for its end: exit code or signal. */
  ended: Promise<number | string>;
}

/** What {@link runChild} takes. */
export interface ChildOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** Whether nobody sees its standard error. Default false. */
  readonly quiet?: boolean;
}

/** Runs a file of this package as a process of its own; it is killed when the test ends. */
export function runChild(file: URL, { env = {}, args = [], quiet = false }: ChildOptions = {}): Child {
  const child = spawn(process.execPath, ["--conditions=@hxp/source", fileURLToPath(file), ...args], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", quiet ? "ignore" : "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines: Record<string, unknown>[] = [];
  const heard = new EventTarget();
  createInterface({ input: child.stdout }).on("line", (text) => {
    lines.push(JSON.parse(text) as Record<string, unknown>);
    heard.dispatchEvent(new Event("line"));
  });
  const find = (fields: Readonly<Record<string, unknown>>) =>
    lines.find((line) => Object.entries(fields).every(([name, value]) => line[name] === value));
  return {
    process: child,
    lines,
    line: async (fields) => {
      for (let found = find(fields); ; found = find(fields)) {
        if (found !== undefined) return found;
        await new Promise((resolve) => heard.addEventListener("line", resolve, { once: true }));
      }
    },
    ended: once(child, "close").then(([code, signal]) => (code ?? signal) as number | string),
  };
}
