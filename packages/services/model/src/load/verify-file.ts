import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { HxpError } from "@hxp/errors";

/** What {@link verifyFile} takes. */
export interface VerifyOptions {
  /** Absolute path. */
  readonly file: string;
  /** SHA-256 that the file must have, in hexadecimal digits. */
  readonly sha256: string;
  /** Folder that remembers which files were verified. Default: nothing is remembered, and the file is read each time. */
  readonly cache?: string | undefined;
  /** Reads the file even when it has not changed since it was verified. Default false. */
  readonly force?: boolean | undefined;
  /** Called with the share that was read, from 0 to 1. */
  readonly onProgress?: ((share: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How it is known that a file is what it should be. */
export type Verified = "read" | "remembered";

/**
 * Checks that a file has a digest. A file of 40 GB takes minutes to read, so one whose size, times, inode and device are
 * those of the last check is taken for the same. That tells accidents and replaced files; who can write to both the file
 * and the cache can deceive it, and `force` reads all the same.
 * Throws MODEL_DIGEST_MISMATCH with both digests, or MODEL_FILE_MISSING.
 */
export async function verifyFile(options: VerifyOptions): Promise<Verified> {
  const { file, sha256, cache, force = false } = options;
  const before = await identify(file);
  const remembered =
    cache === undefined ? undefined : join(cache, `${createHash("sha256").update(file).digest("hex")}.json`);
  const line = JSON.stringify({ file, sha256, ...before });
  if (remembered !== undefined && !force && (await readText(remembered)) === line) return "remembered";
  const actual = await digestFile(options);
  if (actual !== sha256) throw mismatch(file, { expected: sha256, actual });
  // What was changed while it was read is not remembered.
  const after = await identify(file);
  if (remembered !== undefined && JSON.stringify(before) === JSON.stringify(after)) await remember(remembered, line);
  return "read";
}

/** Makes the error of a file whose digest is another than it must be. */
export function mismatch(what: string, { expected, actual }: { expected: string; actual: string }): HxpError {
  const message = `${what} has the SHA-256 ${actual}, expected ${expected}.`;
  return new HxpError("MODEL_DIGEST_MISMATCH", message, { details: { expected, actual } });
}

/** SHA-256 of a file, in hexadecimal digits. */
async function digestFile(options: Pick<VerifyOptions, "file" | "onProgress" | "signal">): Promise<string> {
  const { file, onProgress, signal } = options;
  const { size } = await stat(file);
  const hash = createHash("sha256");
  let read = 0;
  const stream = createReadStream(file, { highWaterMark: 1_048_576 });
  stream.on("data", (chunk) => {
    read += chunk.length;
    onProgress?.(size === 0 ? 1 : Math.min(1, read / size));
  });
  await pipeline(stream, hash, signal === undefined ? {} : { signal });
  return hash.digest("hex");
}

async function identify(file: string): Promise<Record<string, string>> {
  try {
    const { size, mtimeNs, ctimeNs, ino, dev } = await stat(file, { bigint: true });
    const facts = { size, mtimeNs, ctimeNs, ino, dev };
    return Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, String(value)]));
  } catch (error) {
    throw new HxpError("MODEL_FILE_MISSING", `The model's file ${file} cannot be read: ${String(error)}`, {
      cause: error,
    });
  }
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch(() => undefined);
}

/** A cache that cannot be written only makes the next start slower. */
async function remember(path: string, line: string): Promise<void> {
  try {
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(`${path}.${process.pid}`, line, { mode: 0o600 });
    await rename(`${path}.${process.pid}`, path);
  } catch {
    // Read-only stores are normal.
  }
}
