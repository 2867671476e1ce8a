import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";

/** A process that listens on a port. */
export interface PortHolder {
  pid: number;
  /** Its program and, where that runs a script, the script: `nginx`, `node hxp`. */
  command: string;
}

/** Finds, on Linux, who listens on a TCP port; undefined where that cannot be known, such as for processes of other users. */
export function findPortHolder(port: number): PortHolder | undefined {
  try {
    const sockets = new Set(["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) => findListeners(table, port)));
    const pid = readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .find((name) => holdsOne(name, sockets));
    if (pid === undefined) return undefined;
    return { pid: Number(pid), command: describeCommand(pid) };
  } catch {
    return undefined;
  }
}

const interpreter = /^(?:node|bun|deno|python[\d.]*|ruby[\d.]*|perl|php[\d.]*)$/;

/**
 * The name of a process's main thread says nothing of a program that names its threads, so the command line is read. No other
 * part of it is shown: arguments may be secrets.
 */
function describeCommand(pid: string): string {
  const [first = "", ...rest] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  if (first === "") return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  // Some write a title over it: `nginx: master process /usr/sbin/nginx`.
  const program = /^([\w.-]+): /.exec(first)?.[1] ?? basename(first);
  if (!interpreter.test(program)) return program;
  const script = rest.find((word) => !/^--[\w-]+=/.test(word)) ?? "";
  return /^[^-\s]\S*$/.test(script) ? `${program} ${basename(script)}` : program;
}

const listening = "0A";

/** Inodes of the listening sockets of a port. Columns: proc(5). */
function findListeners(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  return readTable(table).flatMap((line) => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    return state === listening && local?.endsWith(`:${wanted}`) === true ? [`socket:[${inode}]`] : [];
  });
}

function readTable(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split("\n").slice(1);
  } catch {
    return [];
  }
}

function holdsOne(pid: string, sockets: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((file) => sockets.has(readLink(`/proc/${pid}/fd/${file}`)));
  } catch {
    return false;
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
