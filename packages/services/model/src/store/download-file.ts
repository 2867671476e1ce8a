import { statfs } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { HxpError, isHxpError } from "@hxp/errors";
import { detectFormat } from "../file/read-header.ts";
import { show } from "../load/check-memory.ts";
import type { PartialFile } from "./partial-file.ts";
import { type FileAnswer, reasonOf, requestFile } from "./request-file.ts";

/** What {@link downloadFile} takes. */
export interface Download {
  readonly url: URL;
  readonly partial: PartialFile;
  readonly authorization: () => Promise<string | undefined>;
  readonly signal: AbortSignal;
  readonly fetch: typeof fetch;
  /** Called with each piece: bytes that are there, and of the whole file where that is known. */
  readonly onBytes: (bytes: number, size: number | undefined) => void;
  /** Largest file. */
  readonly maxBytes: number;
  /** Longest silence of the server, in milliseconds. */
  readonly idleMs: number;
  /** How often it is tried again without a new byte. */
  readonly attempts: number;
  /** Wait before the first of those, in milliseconds; doubled each time. */
  readonly backoffMs: number;
  /** Free bytes where the file lies. */
  readonly freeBytes: () => Promise<number>;
}

/** Free bytes of a file system, for users. */
export async function readFreeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/**
 * Downloads a file, or the rest of it, and tries again where it breaks off. Returns what the hub says that its digest is.
 * Throws what {@link requestFile} throws, MODEL_FORMAT_REFUSED as soon as the first bytes show it, and STORAGE_FULL.
 */
export async function downloadFile(download: Download): Promise<string | undefined> {
  const { partial, attempts, backoffMs, signal } = download;
  let failures = 0;
  for (;;) {
    const before = partial.bytes;
    try {
      return await fetchRest(download);
    } catch (error) {
      await partial.sync();
      signal.throwIfAborted();
      if (!isHxpError(error, "MODEL_PULL_FAILED")) throw error;
      failures = partial.bytes > before ? 1 : failures + 1;
      if (failures >= attempts) throw error;
      await sleep(waitFor(error, backoffMs * 2 ** (failures - 1)), undefined, { signal });
    }
  }
}

const longestWaitMs = 60_000;

function waitFor({ details }: HxpError, otherwise: number): number {
  const asked = details["retryAfterMs"];
  return Math.min(longestWaitMs, typeof asked === "number" ? asked : otherwise);
}

async function fetchRest(download: Download): Promise<string | undefined> {
  const { url, partial, fetch: ask } = download;
  const idle = new AbortController();
  const timer = setTimeout(() => idle.abort(silence(download)), download.idleMs);
  try {
    const signal = AbortSignal.any([download.signal, idle.signal]);
    const { bytes, validator } = partial;
    const have = validator === undefined || bytes === 0 ? undefined : { bytes, validator };
    const answer = await requestFile({ url, authorization: await download.authorization(), have, signal, fetch: ask });
    await agree(download, answer);
    await receive(download, answer, timer);
    return answer.statedSha256;
  } catch (error) {
    // A silence looks like the abort that it is; its reason is what happened.
    throw idle.signal.aborted && !download.signal.aborted ? idle.signal.reason : error;
  } finally {
    clearTimeout(timer);
    idle.abort();
  }
}

function silence({ url, idleMs }: Download): HxpError {
  return new HxpError("MODEL_PULL_FAILED", `${url.host} sent nothing for ${idleMs} ms.`);
}

/** Makes the part that is there and the answer fit together, and makes sure that there is room. */
async function agree({ url, partial, maxBytes, freeBytes }: Download, answer: FileAnswer): Promise<void> {
  const { from, size, validator } = answer;
  if (from > 0 && validator !== partial.validator) {
    await partial.restart(undefined);
    throw new HxpError("MODEL_PULL_FAILED", `${url.host} has another version of the file now.`);
  }
  if (from === 0) await partial.restart(validator);
  if (size === undefined) return;
  if (size > maxBytes) throw tooLarge(url, maxBytes);
  const free = await freeBytes();
  const needed = size - partial.bytes;
  if (needed <= free) return;
  throw new HxpError("STORAGE_FULL", `${partial.path} needs ${show(needed)}, but ${show(free)} are free there.`);
}

async function receive(download: Download, { body, size }: FileAnswer, timer: NodeJS.Timeout): Promise<void> {
  const { url, partial, maxBytes, onBytes } = download;
  let isKnown = false;
  try {
    for await (const chunk of body) {
      timer.refresh();
      await partial.append(chunk);
      isKnown ||= detectFormat(await partial.readStart(9)) !== undefined;
      if (partial.bytes > (size ?? maxBytes)) throw tooLarge(url, size ?? maxBytes);
      onBytes(partial.bytes, size);
    }
  } catch (error) {
    if (isHxpError(error) || download.signal.aborted || isDiskError(error)) throw error;
    throw new HxpError("MODEL_PULL_FAILED", `${url.host} broke off after ${partial.bytes} bytes: ${reasonOf(error)}`, {
      cause: error,
    });
  }
  if (size === undefined || partial.bytes === size) return;
  throw new HxpError("MODEL_PULL_FAILED", `${url.host} broke off after ${partial.bytes} of ${size} bytes.`);
}

function isDiskError(error: unknown): boolean {
  return (
    error instanceof Error &&
    "syscall" in error &&
    error.syscall === "write" &&
    "code" in error &&
    error.code !== "EPIPE"
  );
}

function tooLarge(url: URL, most: number): HxpError {
  return new HxpError("MODEL_PULL_REFUSED", `${url.host} sends a file of more than ${show(most)}.`);
}
