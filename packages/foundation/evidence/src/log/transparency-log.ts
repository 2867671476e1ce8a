import type { KeyObject } from "node:crypto";
import { HxpError, toHxpError } from "@hxp/errors";
import type { VerificationMaterial, Witness } from "@sigstore/sign";
import { acquireLease, type Lease, openRecordFile, type RecordFile, writeFileDurably } from "../durable/index.ts";
import type { SigningKey } from "../sign/key-signer.ts";
import { logIdOf, requireOrigin, signCheckpoint } from "./checkpoint.ts";
import { createLogEntry, createLogRecord, type LogEntry, type LogRecord } from "./log-entry.ts";
import { checkSignatures, logPaths, type LogState, parseLogRecord, readLogFolder } from "./log-folder.ts";
import { type ConsistencyProof, hashLeaf, type MerkleTree } from "./merkle-tree.ts";

/** What {@link openTransparencyLog} takes. */
export interface TransparencyLogOptions {
  /** Where the log is kept: `entries.jsonl`, `checkpoint`, `lease`. */
  folder: string;
  /** Name of the log: a host name of yours, that need not exist. It can never change. */
  origin: string;
  /** The log's own key, which signs nothing else. */
  key: SigningKey;
  /** Milliseconds since 1970; default `Date.now`. */
  clock?: () => number;
}

/** An open transparency log: a witness for signatures. Leaving its scope (`using`) closes it. */
export interface TransparencyLog extends Witness, Disposable {
  readonly origin: string;
  /** Number of entries. */
  readonly size: number;
  /** The newest signed checkpoint, as text. */
  checkpoint(): string;
  /** Proves that the log of `fromSize` entries is the beginning of that of `toSize`; default: of now. */
  proveConsistency(fromSize: number, toSize?: number): ConsistencyProof;
  /** Writes what waits, and gives the log free. */
  close(): void;
}

/** What {@link verifyLog} found. */
export interface LogSummary {
  origin: string;
  /** Entries under the checkpoint. */
  size: number;
  /** Entries after the checkpoint, which the next writer adopts. */
  pending: number;
  /** The signed checkpoint, as text. */
  checkpoint: string;
}

interface Waiting {
  entry: LogEntry;
  resolve: (material: VerificationMaterial) => void;
  reject: (reason: HxpError) => void;
}

const leaseMs = 600_000;
const toleratedClockStep = 60;

/**
 * Opens (or makes) an append-only RFC 9162 log in a folder, as a witness for `@sigstore/sign`. An entry's signed timestamp
 * leaves only after the entry is on disk. Throws LOG_CORRUPT where the files do not agree with the signed checkpoint, and
 * LEASE_HELD where another process writes the log.
 */
export function openTransparencyLog(options: TransparencyLogOptions): TransparencyLog {
  const { folder, key, clock = Date.now } = options;
  const origin = requireOrigin(options.origin);
  const lease = acquireLease(logPaths(folder).lease, { purpose: `writes the log ${origin}`, ttlMs: leaseMs, clock });
  try {
    const state = readLogFolder(folder, { origin, publicKey: key.publicKey });
    const file = openRecordFile<LogRecord>(logPaths(folder).entries, { parse: parseLogRecord });
    const log = new FolderLog({ folder, origin, key, clock, lease, file, tree: state.tree });
    log.start(state.checkpoint);
    return log;
  } catch (error) {
    lease.release();
    throw error;
  }
}

/** Verifies a log's folder without writing: checkpoint, Merkle root, order, and the signature of each entry. Throws LOG_CORRUPT. */
export function verifyLog(folder: string, publicKey: KeyObject): LogSummary {
  const { records, checkpoint } = readLogFolder(folder, { publicKey });
  if (checkpoint === undefined) throw new HxpError("LOG_CORRUPT", `there is no log in ${folder}`);
  checkSignatures(folder, { records, from: 0, publicKey });
  const { origin, size } = checkpoint.content;
  return { origin, size, pending: records.length - size, checkpoint: checkpoint.text };
}

interface FolderLogParts extends Required<TransparencyLogOptions> {
  lease: Lease;
  file: RecordFile<LogRecord>;
  tree: MerkleTree;
}

class FolderLog implements TransparencyLog {
  readonly #parts: FolderLogParts;
  readonly #logId: Buffer;
  #checkpoint = "";
  #waiting: Waiting[] = [];
  #renewAt: number;
  #isClosed = false;

  constructor(parts: FolderLogParts) {
    this.#parts = parts;
    this.#logId = logIdOf(parts.key.publicKey);
    this.#renewAt = parts.clock() + leaseMs / 2;
  }

  get origin(): string {
    return this.#parts.origin;
  }

  get size(): number {
    return this.#parts.tree.size;
  }

  checkpoint(): string {
    return this.#checkpoint;
  }

  proveConsistency(fromSize: number, toSize = this.size): ConsistencyProof {
    return this.#parts.tree.proveConsistency(fromSize, toSize);
  }

  async testify(content: Parameters<Witness["testify"]>[0], publicKeyPem: string): Promise<VerificationMaterial> {
    if (this.#isClosed) throw new HxpError("USAGE_INVALID", `the log ${this.origin} is closed`);
    const entry = createLogEntry(content, publicKeyPem);
    const { promise, resolve, reject } = Promise.withResolvers<VerificationMaterial>();
    // Entries that arrive in the same turn share one write, one fsync and one checkpoint.
    if (this.#waiting.push({ entry, resolve, reject }) === 1) setImmediate(() => this.#flush());
    return promise;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#flush();
    this.#isClosed = true;
    this.#parts.file.close();
    this.#parts.lease.release();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Takes up the checkpoint on disk, or signs one over what a killed writer left after it. */
  start(checkpoint: LogState["checkpoint"]): void {
    const { file, tree } = this.#parts;
    if (checkpoint?.content.size === tree.size) {
      this.#checkpoint = checkpoint.text;
      return;
    }
    try {
      // An append of nothing syncs the file: what the killed writer left may not have reached the disk.
      file.append();
      this.#writeCheckpoint();
    } catch (error) {
      file.close();
      throw error;
    }
  }

  #writeCheckpoint(): void {
    const { folder, origin, key, tree } = this.#parts;
    const text = signCheckpoint({ origin, size: tree.size, root: tree.root() }, key);
    writeFileDurably(logPaths(folder).checkpoint, text);
    this.#checkpoint = text;
  }

  #flush(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    if (batch.length === 0) return;
    try {
      const records = this.#append(batch);
      this.#writeCheckpoint();
      batch.forEach(({ entry, resolve }, index) => resolve(this.#materialFor(entry, records[index])));
    } catch (error) {
      batch.forEach(({ reject }) => reject(toHxpError(error)));
    }
  }

  #append(batch: readonly Waiting[]): LogRecord[] {
    const { key, file, tree } = this.#parts;
    this.#renewLease();
    const integratedTime = this.#now();
    const records = batch.map(({ entry: { body } }, index) =>
      createLogRecord({ body, logIndex: tree.size + index, integratedTime }, key),
    );
    file.append(...records);
    batch.forEach(({ entry }) => tree.append(hashLeaf(entry.body)));
    return records;
  }

  #renewLease(): void {
    const { clock, lease } = this.#parts;
    if (clock() < this.#renewAt) return;
    lease.renew();
    this.#renewAt = clock() + leaseMs / 2;
  }

  /** Log time never runs backwards: keys are judged by it, and a clock set back would let an expired key sign. */
  #now(): number {
    const now = Math.floor(this.#parts.clock() / 1000);
    const last = this.#parts.file.records.at(-1)?.integratedTime ?? 0;
    if (last - now > toleratedClockStep) {
      const [latest, current] = [last, now].map((seconds) => new Date(seconds * 1000).toISOString());
      throw new HxpError(
        "LOG_CLOCK_BEHIND",
        `the clock says ${current}, the last entry of ${this.origin} is of ${latest}`,
      );
    }
    return Math.max(now, last);
  }

  #materialFor({ kind, body }: LogEntry, record: LogRecord | undefined): VerificationMaterial {
    if (record === undefined) throw new HxpError("INTERNAL", "an entry of the batch has no record");
    const { tree } = this.#parts;
    const logIndex = String(record.logIndex);
    return {
      tlogEntries: [
        {
          logIndex,
          logId: { keyId: this.#logId },
          kindVersion: { kind, version: "0.0.1" },
          integratedTime: String(record.integratedTime),
          inclusionPromise: { signedEntryTimestamp: Buffer.from(record.signedEntryTimestamp, "base64") },
          inclusionProof: {
            logIndex,
            rootHash: tree.root(),
            treeSize: String(tree.size),
            hashes: [...tree.proveInclusion(record.logIndex).hashes],
            checkpoint: { envelope: this.#checkpoint },
          },
          canonicalizedBody: body,
        },
      ],
    };
  }
}
