import { existsSync } from "node:fs";
import { open, truncate } from "node:fs/promises";
import { HxpError } from "@hxp/errors";
import { listSegments, readHead, syncFolder, writeAll, writeHead } from "./audit-files.ts";
import { type AuditHead, emptyHead, parseRecord } from "./audit-record.ts";
import { ChainCheck } from "./check-chain.ts";
import { readLines } from "./read-lines.ts";

/** Where writing goes on. */
export interface Recovered {
  head: AuditHead;
  /** What an interrupted write left, if anything. */
  torn?: { file: string; bytes: number };
}

/**
 * Finds the end of a log. What a writer that was killed left of its last lines is moved into a file of its own: nobody was told
 * that those acts were recorded. Throws AUDIT_LOG_BROKEN when lines that were recorded are not what they were.
 */
export async function recoverLog(file: string): Promise<Recovered> {
  const known = await readHead(file);
  const start = await readSegmentsHead(file);
  const isNew = !existsSync(file) && start.count === 0;
  if (isNew && known === undefined) {
    // First, so that a log without a head is never one that is only young.
    await writeHead(file, emptyHead);
    syncFolder(file);
    return { head: emptyHead };
  }
  if (known === undefined) throw broken(file, `its head file ${file}.head is missing or unreadable`);

  const chain = new ChainCheck({ since: start, heads: [known] });
  const { head, tornAt } = existsSync(file) ? await follow(file, { chain, known }) : { head: start, tornAt: undefined };
  chain.end(file);
  const problem = tornAt === undefined ? chain.problems[0] : chain.problems.find(({ line }) => line !== tornAt.line);
  if (problem !== undefined) throw broken(file, `line ${problem.line}: ${problem.message}`);
  if (tornAt === undefined) return { head };
  return { head, torn: await moveAside(file, { offset: tornAt.offset, seq: head.count + 1 }) };
}

function broken(file: string, why: string): HxpError {
  return new HxpError("AUDIT_LOG_BROKEN", `The audit log ${file} is not what was recorded: ${why}.`);
}

interface Following {
  chain: ChainCheck;
  known: AuditHead;
}

async function follow(file: string, { chain, known }: Following) {
  let { head } = chain;
  for await (const line of readLines(file)) {
    const isSound = chain.add(line, file);
    const isTorn = !line.isWhole || typeof parseRecord(line.text) === "string";
    if (!isSound && isTorn && head.count >= known.count) {
      return { head, tornAt: { offset: line.offset, line: line.number } };
    }
    if (!isSound) break;
    head = chain.head;
  }
  return { head, tornAt: undefined };
}

async function moveAside(file: string, { offset, seq }: { offset: number; seq: number }) {
  await using handle = await open(file, "r");
  const { size } = await handle.stat();
  const bytes = Buffer.alloc(size - offset);
  await handle.read(bytes, 0, bytes.length, offset);
  const path = `${file}.torn-${seq}`;
  await writeAll(path, bytes);
  await truncate(file, offset);
  syncFolder(file);
  return { file: path, bytes: bytes.length };
}

/** The last record of the last full file. */
async function readSegmentsHead(file: string): Promise<AuditHead> {
  const last = (await listSegments(file)).at(-1);
  if (last === undefined) return emptyHead;
  let text = "";
  for await (const line of readLines(last)) text = line.text;
  const record = parseRecord(text);
  if (typeof record === "string") throw broken(last, `in its last line, ${record}`);
  return { count: record.seq, hash: record.hash };
}
