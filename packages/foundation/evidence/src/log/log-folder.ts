import { existsSync, readFileSync } from "node:fs";
import type { KeyObject } from "node:crypto";
import { join } from "node:path";
import { HxpError } from "@hxp/errors";
import { readRecordFile } from "../durable/index.ts";
import { type Checkpoint, openCheckpoint } from "./checkpoint.ts";
import { isSignedRecord, type LogRecord, logRecordSchema } from "./log-entry.ts";
import { hashLeaf, MerkleTree } from "./merkle-tree.ts";

/** The files of a log, read and checked against each other. */
export interface LogState {
  readonly records: readonly LogRecord[];
  readonly tree: MerkleTree;
  /** The signed checkpoint on disk; undefined where no log has been opened yet. */
  readonly checkpoint?: { readonly text: string; readonly content: Checkpoint };
}

/** Whose log is read. */
export interface LogIdentity {
  origin?: string;
  publicKey: KeyObject;
}

/** Names of the files in a log's folder. */
export function logPaths(folder: string): { entries: string; checkpoint: string; lease: string } {
  return {
    entries: join(folder, "entries.jsonl"),
    checkpoint: join(folder, "checkpoint"),
    lease: join(folder, "lease"),
  };
}

/** Checks one line of the entries file. */
export function parseLogRecord(line: unknown): LogRecord {
  return logRecordSchema.parse(line);
}

/**
 * Reads a log's folder without writing. The entries must be those under the signed checkpoint, and entries after it, which
 * a kill between the two writes leaves, must carry the log's own signature; anything else throws LOG_CORRUPT.
 */
export function readLogFolder(folder: string, identity: LogIdentity): LogState {
  const paths = logPaths(folder);
  const records = readRecordFile<LogRecord>(paths.entries, { parse: parseLogRecord });
  const tree = new MerkleTree();
  records.forEach(({ body }) => tree.append(hashLeaf(Buffer.from(body, "base64"))));
  const checkpoint = readCheckpoint(paths.checkpoint, identity);
  if (checkpoint === undefined && records.length > 0) throw corrupt(folder, `${records.length} entries, no checkpoint`);
  const size = checkpoint?.content.size ?? 0;
  if (records.length < size) throw corrupt(folder, `${records.length} entries, the checkpoint has ${size}`);
  if (checkpoint !== undefined && !tree.root(size).equals(checkpoint.content.root)) {
    throw corrupt(folder, `one of the first ${size} entries was changed`);
  }
  checkOrder(folder, records);
  checkSignatures(folder, { records, from: size, publicKey: identity.publicKey });
  return { records, tree, ...(checkpoint === undefined ? {} : { checkpoint }) };
}

/** Throws LOG_CORRUPT unless each record from `from` on carries the log's signature. */
export function checkSignatures(
  folder: string,
  { records, from, publicKey }: { records: readonly LogRecord[]; from: number; publicKey: KeyObject },
): void {
  const forged = records.slice(from).find((record) => !isSignedRecord(record, publicKey));
  if (forged !== undefined) throw corrupt(folder, `entry ${forged.logIndex} is not signed by the log's key`);
}

function checkOrder(folder: string, records: readonly LogRecord[]): void {
  const misplaced = records.findIndex(
    ({ logIndex, integratedTime }, index) =>
      logIndex !== index || integratedTime < (records[index - 1]?.integratedTime ?? 0),
  );
  if (misplaced !== -1) throw corrupt(folder, `entry ${misplaced} is out of order`);
}

function readCheckpoint(path: string, identity: LogIdentity): LogState["checkpoint"] {
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, "utf8");
  try {
    return { text, content: openCheckpoint(text, identity) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HxpError("LOG_CORRUPT", `${path}: ${reason}`, { cause });
  }
}

function corrupt(folder: string, reason: string): HxpError {
  return new HxpError("LOG_CORRUPT", `the log in ${folder} is refused: ${reason}`, { details: { folder } });
}
