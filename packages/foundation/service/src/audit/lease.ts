import { linkSync, readFileSync, readlinkSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { HxpError } from "@hxp/errors";

/** Held by the one process that may write. */
export interface WriterLease {
  /** False once another has taken the lease over, which it may when this process gave no sign of life for too long. */
  isHeld(): boolean;
  release(): void;
}

interface Holder {
  pid: number;
  /** Where the pid means this process: kernel boot and pid namespace; empty where the system does not tell. */
  space: string;
  /** Start of the process in clock ticks since boot: tells a reused pid from the holder. */
  started: string;
  nonce: string;
}

/** How often a holder shows that it lives, to those who cannot look up its pid, and how long that counts. */
const beatMs = 5_000;
const freshMs = 20_000;

/**
 * Takes the lease at a path. The lease of a process that is gone is taken over, by exactly one of those who want it; one whose
 * process cannot be looked up from here, 20 seconds after its last sign of life. Throws LEASE_HELD with the holder's pid.
 */
export function acquireWriterLease(path: string): WriterLease {
  const me: Holder = { pid: process.pid, space: readSpace(), started: readStart(process.pid), nonce: randomUUID() };
  take(path, me);
  let seenAt = Date.now();
  const look = (): boolean => {
    const isOurs = isStillOurs(path, me);
    if (isOurs) touch(path);
    seenAt = Date.now();
    return isOurs;
  };
  const beat = setInterval(look, beatMs);
  beat.unref();
  return {
    isHeld: () => Date.now() - seenAt < freshMs / 2 || look(),
    release: () => {
      clearInterval(beat);
      if (readHolder(path)?.nonce === me.nonce) rmSync(path, { force: true });
    },
  };
}

function take(path: string, me: Holder): void {
  const mine = `${path}.${me.nonce}.new`;
  writeFileSync(mine, JSON.stringify(me), { flag: "wx", mode: 0o640 });
  try {
    while (!tryLink(mine, path)) {
      const holder = readHolder(path);
      if (holder === undefined) continue;
      if (isAlive(holder, path)) {
        throw leaseHeld(path, holder);
      }
      if (replace({ path, holder, mine, me })) return;
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

function leaseHeld(path: string, { pid, space }: Holder): HxpError {
  const details = { pid };
  if (space === readSpace()) return new HxpError("LEASE_HELD", `${path} is held by process ${pid}.`, { details });
  const message = `${path} is held by process ${pid} of another container or host, or of before a reboot.`;
  const hint = `If it has ended, try again: it is free ${freshMs / 1_000} seconds after its last sign of life.`;
  return new HxpError("LEASE_HELD", message, { hint, details });
}

/** Who may replace a dead holder is itself decided by a lease, named after that holder. */
function replace({ path, holder, mine, me }: { path: string; holder: Holder; mine: string; me: Holder }): boolean {
  const claim = `${path}.${holder.nonce}`;
  take(claim, { ...me, nonce: randomUUID() });
  try {
    if (readHolder(path)?.nonce !== holder.nonce) return false;
    renameSync(mine, path);
    return true;
  } finally {
    rmSync(claim, { force: true });
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Undefined when the lease is free. It is put in place whole, so one that cannot be read is not of this making, and of nobody alive. */
function readHolder(path: string): Holder | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const unknown: Holder = { pid: 0, space: "", started: "", nonce: "unreadable" };
  try {
    return { ...unknown, ...(JSON.parse(text) as Partial<Holder>) };
  } catch {
    return unknown;
  }
}

function isAlive(holder: Holder, path: string): boolean {
  if (holder.pid === 0) return false;
  // Of another container or host: only its beat can be seen.
  if (holder.space !== readSpace()) return isFresh(path);
  return holder.started === "" ? answersSignals(holder.pid) : readStart(holder.pid) === holder.started;
}

function isFresh(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && Date.now() - found.mtimeMs < freshMs;
}

/** Whoever removed the lease takes the consequences; a writer that runs is not stopped by it. */
function isStillOurs(path: string, me: Holder): boolean {
  try {
    const holder = readHolder(path);
    return holder === undefined || holder.nonce === me.nonce;
  } catch {
    return true;
  }
}

function touch(path: string): void {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {
    // As above.
  }
}

function answersSignals(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function readSpace(): string {
  try {
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return "";
  }
}

/**
 * Fields 3 and 22 of /proc/<pid>/stat, counted from the end of the command, which may hold spaces. Empty when the process is gone,
 * or dead and only not yet waited for, which some parents never do.
 */
function readStart(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? "" : (fields[19] ?? "");
  } catch {
    return "";
  }
}
