import { existsSync } from "node:fs";
import { HxpError } from "@hxp/errors";
import { listSegments, readHead } from "./audit-files.ts";
import type { AuditHead } from "./audit-record.ts";
import { type AuditProblem, ChainCheck } from "./check-chain.ts";
import { readLines } from "./read-lines.ts";

/** What {@link verifyAuditLog} takes. */
export interface VerifyOptions {
  /** A head that was kept elsewhere, from {@link AuditLog.head}: without it, whoever can write all files can write a whole new log. */
  head?: AuditHead;
  /** The head up to which older files were archived elsewhere. Default: none were. */
  since?: AuditHead;
  signal?: AbortSignal;
}

/** What a verification found. */
export interface AuditVerdict {
  readonly ok: boolean;
  /** The last record. */
  readonly head: AuditHead;
  readonly files: readonly string[];
  /** The first hundred, in the order of the log. */
  readonly problems: readonly AuditProblem[];
  readonly problemCount: number;
}

/**
 * Reads an audit log, with its full files, and finds lines that were edited, removed, inserted, reordered or cut off, each with file
 * and line. Holds one line in memory. It can be run while the log is written. Throws FILE_UNREADABLE.
 */
export async function verifyAuditLog(file: string, options: VerifyOptions = {}): Promise<AuditVerdict> {
  for (let attempt = 1; ; attempt += 1) {
    const isLast = attempt === maxAttempts;
    try {
      const verdict = await verifyOnce(file, options);
      if (verdict.ok || isLast || (await listFiles(file)).length === verdict.files.length) return verdict;
      // A writer has put its full file aside, so that the one after it was read in its place.
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT" || isLast) throw error;
    }
  }
}

const maxAttempts = 5;

async function verifyOnce(file: string, { head, since, signal }: VerifyOptions): Promise<AuditVerdict> {
  // Before the lines: a writer may add some meanwhile, and its head is never ahead of them.
  const ownHead = await readHead(file);
  const files = await listFiles(file);
  const heads = [ownHead, head].filter((known) => known !== undefined);
  const chain = new ChainCheck({ heads, since });
  for (const path of files) {
    for await (const line of readLines(path)) {
      signal?.throwIfAborted();
      // What does not end and was never acknowledged: a write under way, or one that a kill interrupted.
      const isUnfinished = !line.isWhole && path === files.at(-1) && chain.head.count >= (ownHead?.count ?? 0);
      if (!isUnfinished) chain.add(line, path);
    }
  }
  chain.end(file);
  const { problems, problemCount } = heads.length === 0 ? withoutHead(chain, file) : chain;
  return { ok: problemCount === 0, head: chain.head, files, problems, problemCount };
}

function withoutHead({ head, problems, problemCount }: ChainCheck, file: string) {
  const message = `the head file ${file}.head is missing or unreadable, so that lines may have been removed from the end`;
  const lost: AuditProblem = { kind: "truncated", file, line: head.count, message };
  return { problems: [...problems, lost], problemCount: problemCount + 1 };
}

async function listFiles(file: string): Promise<string[]> {
  try {
    const segments = await listSegments(file);
    if (existsSync(file)) return [...segments, file];
    if (segments.length > 0) return segments;
  } catch (error) {
    throw new HxpError("FILE_UNREADABLE", `The folder of the audit log ${file} cannot be read.`, { cause: error });
  }
  throw new HxpError("FILE_UNREADABLE", `There is no audit log at ${file}.`);
}
