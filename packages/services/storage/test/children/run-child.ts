import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Place } from "../examples.ts";

/** A child process of a test, what it printed, and its end. */
export interface Child {
  readonly process: ChildProcess;
  readonly output: () => string;
  readonly errors: () => string;
  readonly ended: Promise<unknown>;
}

/** Starts a program, one of those beside this file, on a place. */
export function runChild(program: URL, { config, folder }: Place, ...rest: string[]): Child {
  const written = JSON.stringify(config.url === undefined ? {} : { url: config.url });
  const child = spawn(
    process.execPath,
    ["--conditions=@hxp/source", fileURLToPath(program), written, folder, ...rest],
    {
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  return { process: child, output: () => output, errors: () => errors, ended: once(child, "close") };
}
