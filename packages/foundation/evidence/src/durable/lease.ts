import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { randomUUID } from "node:crypto";
import { HxpError } from "@hxp/errors";
import { writeFileDurably } from "./write-file-durably.ts";

/** Who holds a lease. */
export interface LeaseHolder {
  pid: number;
  /** Start time of the process in clock ticks since boot (Linux); tells a reused pid from the holder. */
  processStart?: string;
  host: string;
  /** Linux: which boot of which kernel. Hosts may share a name. */
  bootId?: string;
  /** Linux: in which namespace the pid means this process. Containers may share a host name. */
  pidNamespace?: string;
  nonce: string;
  purpose: string;
  /** ISO 8601; past it, a holder that cannot be looked up by its pid counts as dead. */
  expires: string;
}

/** A held lease; leaving its scope (`using`) gives it back. */
export interface Lease extends Disposable {
  readonly holder: LeaseHolder;
  /** Whose lease was taken over because it had died, if any. */
  readonly tookOver?: LeaseHolder;
  /** Moves the expiry on; throws LEASE_HELD when another has taken the lease meanwhile. */
  renew(): void;
  release(): void;
}

/** What {@link acquireLease} takes. */
export interface LeaseOptions {
  /** What the holder does, for the message that others get. */
  purpose: string;
  /** How long the lease counts without renewal when the holder cannot be asked; default 10 minutes. */
  ttlMs?: number;
  clock?: () => number;
  pid?: number;
  host?: string;
}

/** Where pids mean processes that can be looked up. */
type PidSpace = Pick<LeaseHolder, "host" | "bootId" | "pidNamespace">;

interface World {
  clock: () => number;
  space: PidSpace;
}

/**
 * Takes an exclusive lease kept in a file. A holder on this host, boot and pid namespace is dead when its process is gone;
 * any other when its lease has expired; a dead one is taken over. A live one: LEASE_HELD (exit code 12).
 */
export function acquireLease(path: string, options: LeaseOptions): Lease {
  const { purpose, ttlMs = 600_000, clock = Date.now, pid = process.pid, host = hostname() } = options;
  const space = readPidSpace(host);
  const makeHolder = (nonce: string): LeaseHolder => {
    const { start } = readProcess(pid);
    const expires = new Date(clock() + ttlMs).toISOString();
    return { pid, ...(start === undefined ? {} : { processStart: start }), ...space, nonce, purpose, expires };
  };
  mkdirSync(dirname(path), { recursive: true });
  let holder = makeHolder(randomUUID());
  const tookOver = takeLease(path, holder, { clock, space });
  const release = (): void => {
    if (readHolder(path)?.nonce === holder.nonce) rmSync(path, { force: true });
  };
  return {
    get holder() {
      return holder;
    },
    ...(tookOver === undefined ? {} : { tookOver }),
    renew: () => {
      const current = readHolder(path);
      if (current?.nonce !== holder.nonce) throw leaseHeld(path, current);
      holder = makeHolder(holder.nonce);
      writeFileDurably(path, JSON.stringify(holder));
    },
    release,
    [Symbol.dispose]: release,
  };
}

function takeLease(path: string, holder: LeaseHolder, world: World): LeaseHolder | undefined {
  for (let round = 0; round < 50; round += 1) {
    if (createExclusively(path, holder)) return undefined;
    const current = readHolder(path);
    if (current !== undefined && isAlive(current, world)) throw leaseHeld(path, current);
    if (replaceDeadHolder(path, { dead: current, holder, world })) return current;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
  }
  throw leaseHeld(path, readHolder(path));
}

/**
 * Several processes may find the same dead holder: the one that makes the claim on it replaces it, the others look again.
 * A claim whose maker died is claimed in turn. No claim is removed before the lease has changed hands: whoever took one
 * for dead a moment ago could otherwise remove its successor.
 */
function replaceDeadHolder(
  path: string,
  { dead, holder, world }: { dead: LeaseHolder | undefined; holder: LeaseHolder; world: World },
): boolean {
  const claims = makeClaim(path, { dead, holder, world });
  if (claims === undefined) return false;
  try {
    if (!existsSync(path) || readHolder(path)?.nonce !== dead?.nonce) return false;
    writeFileDurably(path, JSON.stringify(holder));
    return true;
  } finally {
    for (const claim of claims) rmSync(claim, { force: true });
  }
}

const longestChain = 50;

/** The claims of those who died claiming, and last our own; undefined where another lives. */
function makeClaim(
  path: string,
  { dead, holder, world }: { dead: LeaseHolder | undefined; holder: LeaseHolder; world: World },
): string[] | undefined {
  const claims: string[] = [];
  let claimed = dead;
  while (claims.length < longestChain) {
    const claim = `${path}.${claimed?.nonce ?? "unreadable"}.${claims.length}.claim`;
    claims.push(claim);
    if (createExclusively(claim, holder)) return claims;
    claimed = readHolder(claim);
    const isGone = claimed === undefined && !existsSync(claim);
    if (isGone || (claimed !== undefined && isAlive(claimed, world))) return undefined;
  }
  return undefined;
}

/** The file appears with its whole content or not at all, so that a reader never sees a half-written holder. */
function createExclusively(path: string, holder: LeaseHolder): boolean {
  const temporary = `${path}.${holder.nonce}.tmp`;
  const file = openSync(temporary, "wx", 0o644);
  try {
    writeFileSync(file, JSON.stringify(holder));
    fsyncSync(file);
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    closeSync(file);
    rmSync(temporary, { force: true });
  }
}

function readHolder(path: string): LeaseHolder | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return isHolder(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isHolder(value: unknown): value is LeaseHolder {
  const holder = value as Partial<LeaseHolder> | null;
  return typeof holder?.pid === "number" && typeof holder.host === "string" && typeof holder.nonce === "string";
}

function isAlive(holder: LeaseHolder, world: World): boolean {
  if (!isSameSpace(holder, world.space)) return Date.parse(holder.expires) > world.clock();
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
  }
  const { state, start } = readProcess(holder.pid);
  // Dead, and only not yet waited for, which some parents never do: it still takes signals.
  if (state === "Z" || state === "X") return false;
  return start === undefined || holder.processStart === undefined || start === holder.processStart;
}

/** Holders of an earlier version did not say their boot and namespace; theirs are taken to be ours. */
function isSameSpace(holder: PidSpace, space: PidSpace): boolean {
  const differs = (key: "bootId" | "pidNamespace"): boolean => holder[key] !== undefined && holder[key] !== space[key];
  return holder.host === space.host && !differs("bootId") && !differs("pidNamespace");
}

function readPidSpace(host: string): PidSpace {
  const bootId = tryRead(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
  const pidNamespace = tryRead(() => readlinkSync("/proc/self/ns/pid"));
  return { host, ...(bootId && { bootId }), ...(pidNamespace && { pidNamespace }) };
}

function tryRead(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Fields 3 and 22 of /proc/<pid>/stat; the command name before them may hold spaces and brackets, hence the last ")". */
function readProcess(pid: number): { state?: string | undefined; start?: string | undefined } {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0], start: fields[19] };
  } catch {
    return {};
  }
}

function leaseHeld(path: string, holder: LeaseHolder | undefined): HxpError {
  const who = holder === undefined ? "another process" : `process ${holder.pid} on ${holder.host} (${holder.purpose})`;
  return new HxpError("LEASE_HELD", `${path} is held by ${who}`, { details: { path, holder } });
}
