import { createHash } from "node:crypto";

/** An act that is to be recorded. */
export interface AuditEvent {
  /** What was done, such as `key.created`. */
  event: string;
  /** Who did it: a key's id, a user, `operator`. */
  actor: string;
  /** What it was done to. */
  target: string;
  outcome: "done" | "denied" | "failed";
  /** Facts, as JSON. Never a secret, never content of requests. */
  details?: Readonly<Record<string, unknown>>;
}

/** A line of an audit log. */
export interface AuditRecord extends Required<AuditEvent> {
  /** 1 for the first line ever, then one more each. */
  seq: number;
  /** ISO 8601, UTC. */
  time: string;
  /** Hash of the line before; 64 zeros for the first. */
  previous: string;
  /** SHA-256, in hex, of this line without `,"hash":"…"`. */
  hash: string;
}

/** How far a log goes: how many lines there are and the hash of the last. Kept elsewhere, it shows a later forgery. */
export interface AuditHead {
  readonly count: number;
  readonly hash: string;
}

/** The head of a log without lines. */
export const emptyHead: AuditHead = { count: 0, hash: "0".repeat(64) };

/** Makes the line that follows a head, without its line break. */
export function renderRecord(event: AuditEvent, head: AuditHead, time: string): { line: string; head: AuditHead } {
  const { event: name, actor, target, outcome, details = {} } = event;
  const seq = head.count + 1;
  const body = { seq, time, event: name, actor, target, outcome, details, previous: head.hash };
  const unhashed = JSON.stringify(body);
  const hash = hashLine(unhashed);
  return { line: `${unhashed.slice(0, -1)}${hashPart(hash)}`, head: { count: seq, hash } };
}

/** Reads a line; a text says why it is none. Only whether the line is whole: the chain is another question. */
export function parseRecord(line: string): AuditRecord | string {
  let record: unknown;
  try {
    record = JSON.parse(line);
  } catch {
    return "it is not JSON";
  }
  if (!isRecord(record)) return "it is not a record";
  const tail = hashPart(record.hash);
  if (!line.endsWith(tail)) return "it does not end with its hash";
  return hashLine(`${line.slice(0, -tail.length)}}`) === record.hash ? record : "it was edited: its hash does not fit";
}

const hashPart = (hash: string): string => `,"hash":"${hash}"}`;

function hashLine(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function isRecord(value: unknown): value is AuditRecord {
  if (typeof value !== "object" || value === null) return false;
  const { seq, previous, hash } = value as Record<string, unknown>;
  return Number.isSafeInteger(seq) && typeof previous === "string" && typeof hash === "string";
}
