import { closeSync, fsyncSync, openSync } from "node:fs";
import { open, readdir, readFile, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type AuditHead, emptyHead } from "./audit-record.ts";

/** Mode of everything that belongs to an audit log: the owner writes, the group reads. */
export const auditFileMode = 0o640;

const digits = 12;

/** Where the lines go, up to `lastSeq`, when a log's file is full. */
export function segmentPath(file: string, lastSeq: number): string {
  return `${file}.${String(lastSeq).padStart(digits, "0")}`;
}

/** The full files of a log, oldest first, without the one that is written to. */
export async function listSegments(file: string): Promise<string[]> {
  const folder = dirname(file);
  const prefix = `${basename(file)}.`;
  const names = await readdir(folder);
  const isSegment = (name: string): boolean =>
    name.startsWith(prefix) && new RegExp(`^\\d{${digits}}$`).test(name.slice(prefix.length));
  return names
    .filter(isSegment)
    .toSorted()
    .map((name) => join(folder, name));
}

const headPath = (file: string): string => `${file}.head`;

/** The head as the last writer left it; undefined when there is none, or none that can be read. */
export async function readHead(file: string): Promise<AuditHead | undefined> {
  try {
    const { count, hash } = JSON.parse(await readFile(headPath(file), "utf8")) as Record<string, unknown>;
    const isHead = Number.isSafeInteger(count) && typeof hash === "string" && /^[0-9a-f]{64}$/.test(hash);
    return isHead ? { count: count as number, hash } : undefined;
  } catch {
    return undefined;
  }
}

/** Replaces the head as a whole. After a power cut the one before may be back; the log is then ahead of it, which is no fault. */
export async function writeHead(file: string, head: AuditHead = emptyHead): Promise<void> {
  const temporary = `${headPath(file)}.tmp`;
  await writeAll(temporary, `${JSON.stringify(head)}\n`);
  await rename(temporary, headPath(file));
}

/** Writes a new file and its bytes to the disk. */
export async function writeAll(path: string, content: string | Uint8Array): Promise<void> {
  await using handle = await open(path, "w", auditFileMode);
  await handle.chmod(auditFileMode);
  await handle.writeFile(content);
  await handle.datasync();
}

/** Makes new and renamed files survive a power cut. */
export function syncFolder(file: string): void {
  const folder = openSync(dirname(file), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
