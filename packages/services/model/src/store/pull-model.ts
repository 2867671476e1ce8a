import { createHash } from "node:crypto";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Secret } from "@hxp/config";
import { HxpError, isHxpError, toHxpError } from "@hxp/errors";
import type { ModelManifest } from "@hxp/schema-model";
import { readHeader } from "../file/read-header.ts";
import { mismatch } from "../load/verify-file.ts";
import { downloadFile, readFreeBytes } from "./download-file.ts";
import { holdFile } from "./hold-file.ts";
import { keepBlob, readManifest, storePaths, writeManifest } from "./model-store.ts";
import { nameOf, parseSource, type PullSource } from "./parse-source.ts";
import { PartialFile } from "./partial-file.ts";
import { type PullProgress, trackProgress } from "./track-progress.ts";

/** What {@link pullModel} takes. */
export interface PullOptions {
  /** Folder of the store; made where it is missing. */
  readonly store: string;
  /** An https URL, or `owner/repo/path/to/file.gguf` on the hub, with `@revision` behind the repo. */
  readonly source: string;
  /** SHA-256 that the file must have; default: the first pull decides. */
  readonly sha256?: string | undefined;
  /** Name in the store; default: that of the file. */
  readonly name?: string | undefined;
  /** SPDX identifier of the model's licence. */
  readonly licence?: string | undefined;
  readonly knownAnswers?: ModelManifest["knownAnswers"] | undefined;
  /** Token for the source's host, and for no other that it redirects to. */
  readonly token?: Secret | undefined;
  /** Address of the hub; default `https://huggingface.co`. */
  readonly hub?: string | undefined;
  /** Called about four times a second, and at the end. */
  readonly onProgress?: ((progress: PullProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Largest file in bytes; default 1 TiB. */
  readonly maxBytes?: number | undefined;
  /** Longest silence of the server in milliseconds; default 60,000. */
  readonly idleMs?: number | undefined;
  /** How often it is tried in a row without a new byte; default 5. */
  readonly attempts?: number | undefined;
  /** Wait after the first failure in milliseconds, doubled with each other; default 1,000. */
  readonly backoffMs?: number | undefined;
  readonly fetch?: typeof fetch | undefined;
  /** Milliseconds since 1970. */
  readonly clock?: (() => number) | undefined;
  /** Free bytes of the store; default: what the file system says. */
  readonly freeBytes?: (() => Promise<number>) | undefined;
}

/**
 * Fetches a model's file into the store, goes on where an earlier pull stopped, and returns its manifest; at once, where
 * the store has it already. Nothing is in the store that is not whole, GGUF or safetensors, and of the digest that its
 * manifest names.
 * Throws MODEL_SOURCE_INVALID, MODEL_FORMAT_REFUSED, MODEL_FILE_INVALID, MODEL_NAME_TAKEN, MODEL_DIGEST_MISMATCH, MODEL_PULL_REFUSED,
 * MODEL_PULL_FAILED, LEASE_HELD while another process pulls the same, and STORAGE_FULL.
 */
export async function pullModel(options: PullOptions): Promise<ModelManifest> {
  const { store, sha256 } = options;
  const source = parseSource(options.source, new URL(options.hub ?? "https://huggingface.co"));
  const name = checkName(options.name ?? nameOf(source.file));
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/.test(sha256)) {
    throw new HxpError("MODEL_SOURCE_INVALID", `${sha256} is no SHA-256: expected 64 hexadecimal digits, lower-case.`);
  }
  const known = await findKnown({ store, name, source, sha256 });
  if (known !== undefined) return known;
  const { pulls } = storePaths(store);
  const key = createHash("sha256").update(source.address).digest("hex").slice(0, 32);
  const lock = join(pulls, `${key}.lock`);
  await prepare(pulls, lock);
  using hold = holdFile(lock, "exclusive");
  if (hold === undefined) throw new HxpError("LEASE_HELD", `${source.address} is being pulled by another process.`);
  const digest = (await findBlob(store, sha256)) ?? (await fetchBlob(options, source, join(pulls, `${key}.part`)));
  const manifest = await describe(options, { name, source, digest });
  await writeManifest(store, manifest);
  return manifest;
}

function checkName(name: string): string {
  if (/^(?!.*\.\.)[a-z0-9][a-z0-9._-]{0,62}$/.test(name) && name !== "guide") return name;
  const message = `A model cannot be called ${JSON.stringify(name)}: expected lower-case letters, digits, dots, dashes and underscores, and not guide.`;
  throw new HxpError("MODEL_SOURCE_INVALID", message);
}

interface Wanted {
  readonly store: string;
  readonly name: string;
  readonly source: PullSource;
  readonly sha256: string | undefined;
}

async function findKnown({ store, name, source, sha256 }: Wanted): Promise<ModelManifest | undefined> {
  const known = await readManifest(store, name);
  if (known === undefined) return undefined;
  const isSame = sha256 === undefined ? known.source === source.address : known.sha256 === sha256;
  if (!isSame) {
    const message = `The store has another model called ${name}, from ${known.source} with the SHA-256 ${known.sha256}.`;
    throw new HxpError("MODEL_NAME_TAKEN", message);
  }
  return (await findBlob(store, known.sha256)) === undefined ? undefined : known;
}

/** The digest, where the store has its file. */
async function findBlob(store: string, sha256: string | undefined): Promise<string | undefined> {
  if (sha256 === undefined) return undefined;
  const found = await stat(storePaths(store).blob(sha256)).catch(() => undefined);
  return found?.isFile() === true ? sha256 : undefined;
}

async function prepare(pulls: string, lock: string): Promise<void> {
  try {
    await mkdir(pulls, { recursive: true });
    await writeFile(lock, "", { flag: "a" });
  } catch (error) {
    throw new HxpError("MODEL_STORE_UNUSABLE", `${pulls} cannot be written to: ${toHxpError(error).message}`, {
      cause: error,
    });
  }
}

async function fetchBlob(options: PullOptions, source: PullSource, path: string): Promise<string> {
  const { store, signal = new AbortController().signal } = options;
  const partial = new PartialFile(path, source.address);
  try {
    await partial.resume(signal);
    const stated = await download(options, source, { partial, signal });
    const [actual, expected] = [partial.digest(), options.sha256 ?? stated];
    if (expected !== undefined && actual !== expected) throw mismatch(source.address, { expected, actual });
    await partial.close();
    await readHeader(path);
    await keepBlob(store, path, actual);
    await partial.forget();
    return actual;
  } catch (error) {
    // What is wrong now is wrong the next time, too; what broke off is gone on with.
    const isWrong =
      isHxpError(error) && ["MODEL_DIGEST_MISMATCH", "MODEL_FORMAT_REFUSED", "MODEL_FILE_INVALID"].includes(error.code);
    if (isWrong) await partial.discard();
    else await partial.sync().catch(() => undefined);
    throw signal.aborted ? signal.reason : toHxpError(error);
  } finally {
    await partial.close();
  }
}

const longestFile = 2 ** 40;

async function download(
  options: PullOptions,
  source: PullSource,
  { partial, signal }: { partial: PartialFile; signal: AbortSignal },
): Promise<string | undefined> {
  const { store, token, onProgress = () => {}, clock = Date.now } = options;
  const report = trackProgress({ onProgress, clock });
  let whole: number | undefined;
  const stated = await downloadFile({
    url: source.url,
    partial,
    signal,
    authorization: async () => (token === undefined ? undefined : `Bearer ${await token.reveal()}`),
    fetch: options.fetch ?? fetch,
    onBytes: (bytes, size) => {
      whole = size;
      report(bytes, size);
    },
    maxBytes: options.maxBytes ?? longestFile,
    idleMs: options.idleMs ?? 60_000,
    attempts: options.attempts ?? 5,
    backoffMs: options.backoffMs ?? 1_000,
    freeBytes: options.freeBytes ?? (() => readFreeBytes(store)),
  });
  report(partial.bytes, whole ?? partial.bytes, true);
  return stated;
}

async function describe(
  options: PullOptions,
  { name, source, digest }: { name: string; source: PullSource; digest: string },
): Promise<ModelManifest> {
  const { store, licence, sha256, knownAnswers = [], clock = Date.now } = options;
  const blob = storePaths(store).blob(digest);
  const [{ size }, { format, ...about }] = await Promise.all([stat(blob), readHeader(blob)]);
  return {
    schema: 1,
    name,
    sha256: digest,
    size,
    format,
    source: source.address,
    ...(licence === undefined ? {} : { licence }),
    pulledAt: new Date(clock()).toISOString(),
    pinned: sha256 === undefined ? "first-pull" : "given",
    about,
    knownAnswers: [...knownAnswers],
  };
}
