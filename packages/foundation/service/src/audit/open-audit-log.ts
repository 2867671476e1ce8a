import { mkdirSync } from "node:fs";
import { open, rename, type FileHandle } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { HxpError, redact, toHxpError } from "@hxp/errors";
import { cleanFields } from "../log/clean-fields.ts";
import { auditFileMode, segmentPath, syncFolder, writeHead } from "./audit-files.ts";
import { type AuditEvent, type AuditHead, type AuditRecord, parseRecord, renderRecord } from "./audit-record.ts";
import { acquireWriterLease, type WriterLease } from "./lease.ts";
import { recoverLog } from "./recover.ts";

/** What {@link openAuditLog} takes. */
export interface AuditLogOptions {
  /** Path of the log; its folder is made when it is missing. */
  file: string;
  /** Milliseconds since 1970. */
  clock?: () => number;
  /** Size at which the file is put aside as `<file>.<number of its last record>` and a new one goes on. Default 64 MiB. */
  maxBytes?: number;
}

/** An open audit log. Leaving its scope (`await using`) closes it. */
export interface AuditLog extends AsyncDisposable {
  /**
   * Records an act: resolves once its line is on the disk. Secrets and content in it are masked as in logs. Rejects with
   * AUDIT_LOG_UNWRITABLE, or LEASE_HELD when another process has taken the log over, and then the act must not be done; with
   * USAGE_INVALID when `details` is no JSON or longer than 64 KiB.
   */
  append(event: AuditEvent): Promise<AuditRecord>;
  /** The last record on the disk. Kept elsewhere now and then, it shows a later forgery of the whole log. */
  head(): AuditHead;
  close(): Promise<void>;
}

interface Waiting {
  event: AuditEvent;
  resolve: (record: AuditRecord) => void;
  reject: (error: HxpError) => void;
}

/**
 * Opens a log for writing: one process at a time, every line chained to the one before by its hash. Throws LEASE_HELD, AUDIT_LOG_BROKEN
 * when recorded lines were changed, AUDIT_LOG_UNWRITABLE.
 */
export async function openAuditLog(options: AuditLogOptions): Promise<AuditLog> {
  const file = resolve(options.file);
  const lease = await withWriteError(file, async () => {
    mkdirSync(dirname(file), { recursive: true, mode: 0o750 });
    return acquireWriterLease(`${file}.lock`);
  });
  try {
    const { head, torn } = await withWriteError(file, () => recoverLog(file));
    const log = await withWriteError(file, () => AuditWriter.open({ ...options, file, head, lease }));
    if (torn !== undefined) {
      const act = { event: "audit.recovered", actor: "audit", target: file, outcome: "done" } as const;
      await log.append({ ...act, details: { torn: torn.file, bytes: torn.bytes } }).catch(async (error: unknown) => {
        await log.close();
        throw error;
      });
    }
    return log;
  } catch (error) {
    lease.release();
    throw error;
  }
}

async function withWriteError<T>(file: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw toWriteError(file, error);
  }
}

function toWriteError(file: string, thrown: unknown): HxpError {
  const error = toHxpError(thrown);
  if (error.code !== "INTERNAL" && error.code !== "STORAGE_FULL") return error;
  const message = `The audit log ${file} cannot be written: ${error.message}`;
  return new HxpError("AUDIT_LOG_UNWRITABLE", message, { cause: thrown });
}

interface WriterOptions extends AuditLogOptions {
  head: AuditHead;
  lease: WriterLease;
}

const defaultMaxBytes = 64 * 1024 * 1024;
const maxDetails = 64 * 1024;
const maxText = 1_000;
const maxBatch = 1_000;

class AuditWriter implements AuditLog {
  readonly #options: WriterOptions;
  readonly #clock: () => number;
  #handle: FileHandle;
  #size: number;
  #head: AuditHead;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #failure: HxpError | undefined;

  private constructor(options: WriterOptions, { handle, size }: { handle: FileHandle; size: number }) {
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
    this.#handle = handle;
    this.#size = size;
    this.#head = options.head;
  }

  static async open(options: WriterOptions): Promise<AuditWriter> {
    return new AuditWriter(options, await openForAppend(options.file));
  }

  append(event: AuditEvent): Promise<AuditRecord> {
    return new Promise((accept, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      const cleaned = cleanEvent(event);
      if (cleaned === undefined) {
        return reject(new HxpError("USAGE_INVALID", `The details of ${event.event} are no JSON of at most 64 KiB.`));
      }
      this.#waiting.push({ event: cleaned, resolve: accept, reject });
      this.#writing ??= this.#writeAll();
    });
  }

  head(): AuditHead {
    return this.#head;
  }

  async close(): Promise<void> {
    const { file, lease } = this.#options;
    const isFirst = this.#failure?.message !== closedMessage(file);
    await this.#writing;
    if (!isFirst) return;
    this.#failure = new HxpError("AUDIT_LOG_UNWRITABLE", closedMessage(file));
    await this.#handle.close();
    lease.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** One sync of the disk serves all that wait for it. */
  async #writeAll(): Promise<void> {
    // Those who append in the same turn go together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, maxBatch);
      try {
        if (!this.#options.lease.isHeld()) this.#fail(takenOver(this.#options.file));
        if (this.#failure !== undefined) throw this.#failure;
        const records = await this.#write(batch.map(({ event }) => event));
        batch.forEach(({ resolve: accept }, index) => accept(records[index] as AuditRecord));
      } catch (error) {
        const failure = toWriteError(this.#options.file, error);
        batch.forEach(({ reject }) => reject(failure));
      }
    }
    this.#writing = undefined;
  }

  async #write(events: readonly AuditEvent[]): Promise<AuditRecord[]> {
    const time = new Date(this.#clock()).toISOString();
    let head = this.#head;
    const lines = events.map((event) => {
      const rendered = renderRecord(event, head, time);
      ({ head } = rendered);
      return rendered.line;
    });
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
    await this.#takeBackOnError(async () => {
      await this.#handle.appendFile(bytes);
      await this.#sync();
      await writeHead(this.#options.file, head);
    });
    this.#head = head;
    this.#size += bytes.length;
    if (this.#size >= (this.#options.maxBytes ?? defaultMaxBytes)) await this.#rotate();
    return lines.map((line) => parseRecord(line) as AuditRecord);
  }

  /** Who is told that an act was not recorded must not find it in the log. After a full disk, writing goes on. */
  async #takeBackOnError(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      try {
        await this.#handle.truncate(this.#size);
      } catch (second) {
        this.#fail(second);
      }
      throw error;
    }
  }

  async #sync(): Promise<void> {
    try {
      await this.#handle.datasync();
    } catch (error) {
      // The kernel may have dropped what it could not write, and would call the next sync a success.
      this.#fail(error);
      throw error;
    }
  }

  /** Ends writing: the file has to be opened, and so checked, anew. */
  #fail(error: unknown): void {
    this.#failure ??= toWriteError(this.#options.file, error);
  }

  /** What was written is on the disk, so those who wait are told, whatever becomes of the next file. */
  async #rotate(): Promise<void> {
    const { file } = this.#options;
    try {
      await this.#handle.close();
      await rename(file, segmentPath(file, this.#head.count));
      const { handle, size } = await openForAppend(file);
      this.#handle = handle;
      this.#size = size;
    } catch (error) {
      this.#fail(error);
    }
  }
}

function takenOver(file: string): HxpError {
  return new HxpError("LEASE_HELD", `Another process has taken the audit log ${file} over.`, {
    hint: "This one gave no sign of life for too long: restart it.",
  });
}

const closedMessage = (file: string): string => `The audit log ${file} is closed.`;

async function openForAppend(file: string): Promise<{ handle: FileHandle; size: number }> {
  const handle = await open(file, "a", auditFileMode);
  await handle.chmod(auditFileMode);
  const { size } = await handle.stat();
  syncFolder(file);
  return { handle, size };
}

/** Undefined when the details are no JSON, or too much of it. */
function cleanEvent({ event, actor, target, outcome, details = {} }: AuditEvent): AuditEvent | undefined {
  try {
    const plain = cleanFields(JSON.parse(JSON.stringify(details)) as Record<string, unknown>);
    if (JSON.stringify(plain).length > maxDetails) return undefined;
    return { event: clip(event), actor: clip(actor), target: clip(target), outcome, details: plain };
  } catch {
    return undefined;
  }
}

/** Names come from requests, and one that is too long must not keep its act out of the log. */
function clip(text: string): string {
  return redact(text.length > maxText ? `${text.slice(0, maxText)}…` : text);
}
