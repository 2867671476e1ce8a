import { spawn } from "node:child_process";

/** What the command line touches. */
export interface CliWorld {
  cwd: string;
  write: (text: string) => void;
  writeError: (text: string) => void;
  /** Shows a page to the person at this machine. */
  openPage: (path: string) => void;
}

/** The world of a process. */
export function createWorld(): CliWorld {
  return {
    cwd: process.cwd(),
    write: (text) => void process.stdout.write(text),
    writeError: (text) => void process.stderr.write(text),
    openPage: (path) => openPage(path),
  };
}

const openers: Partial<Record<NodeJS.Platform, string>> = { darwin: "open", win32: "explorer" };

function openPage(path: string): void {
  const child = spawn(openers[process.platform] ?? "xdg-open", [path], { detached: true, stdio: "ignore" });
  child.on("error", (error) => process.stderr.write(`No browser was opened: ${error.message}\n`));
  child.unref();
}
