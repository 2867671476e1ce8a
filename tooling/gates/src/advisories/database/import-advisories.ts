import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { HxpError } from "@hxp/errors";
import type { Advisory } from "../advisory.ts";
import { type DatabaseManifest, digestOf } from "./database-format.ts";
import { download } from "./download.ts";
import { npmAffected, type OsvEntry, parseOsvEntry, toAdvisories } from "./osv-entry.ts";
import { readFolder } from "./read-folder.ts";
import { readZip, type SourceFile, sourceLimits } from "./read-zip.ts";
import { writeDatabase } from "./write-database.ts";

/** Where advisories are imported from and to. */
export interface ImportOptions {
  /** OSV's `all.zip` of the ecosystem npm, or a folder with entries in the OSV format: a path, or the zip's URL. */
  source: string;
  /** Folder of imported databases; `databases` of a gate's input. */
  databases: string;
  now: Date;
  fetch?: typeof globalThis.fetch;
  signal?: AbortSignal | undefined;
  onProgress?: (text: string) => void;
}

/**
 * Reads advisories in the OSV format, checks each entry, and makes them the database that the advisories gate looks
 * into. One bad entry, and nothing is imported. Throws ADVISORY_SOURCE_INVALID, ADVISORY_SOURCE_UNREACHABLE,
 * USAGE_INVALID, and the signal's reason.
 */
export async function importAdvisories(options: ImportOptions): Promise<DatabaseManifest> {
  const { databases, now, signal, onProgress } = options;
  const { name, files, digest } = await openSource(options);
  const collected = await collect(files, { signal, onProgress });
  if (collected.entries === 0) {
    const { others, withdrawn } = collected;
    throw new HxpError(
      "ADVISORY_SOURCE_INVALID",
      `${name} has no entry about an npm package that is in force: ${others} are about others, ${withdrawn} withdrawn.`,
    );
  }
  onProgress?.(`${collected.entries} entries read, writing`);
  const { newest, ...facts } = collected;
  return writeDatabase(databases, {
    source: name,
    digest: digest(),
    importedAt: now.toISOString(),
    modified: new Date(newest).toISOString(),
    ...facts,
  });
}

interface Source {
  /** Without the folders before it, which are of this machine, and without a URL's query. */
  name: string;
  files: AsyncIterable<SourceFile>;
  /** To be asked for when all files are read. */
  digest: () => string;
}

async function openSource({ source, fetch, signal, onProgress }: ImportOptions): Promise<Source> {
  if (/^[a-z]+:\/\//i.test(source)) {
    const maximumBytes = sourceLimits.bytes;
    const zip = await download(source, { signal, onProgress, maximumBytes, ...(fetch === undefined ? {} : { fetch }) });
    const { origin, pathname } = new URL(source);
    return { name: `${origin}${pathname}`, files: readZip(zip), digest: () => digestOf(zip) };
  }
  const path = resolve(source);
  const status = await stat(path).catch((cause: unknown) => {
    throw new HxpError("FILE_UNREADABLE", `${path} cannot be read.`, { cause });
  });
  if (status.isDirectory()) return openFolder(path);
  if (status.size > sourceLimits.bytes) {
    throw new HxpError("ADVISORY_SOURCE_INVALID", `${path} has ${status.size} bytes, more than any real source.`);
  }
  const zip = await readFile(path);
  return { name: basename(path), files: readZip(zip), digest: () => digestOf(zip) };
}

/** A folder's digest is over the paths and digests of its files, in order. */
function openFolder(path: string): Source {
  const whole = createHash("sha256");
  const readHashed = async function* (): AsyncGenerator<SourceFile> {
    for await (const file of readFolder(path)) {
      whole.update(`${digestOf(file.bytes)} ${file.path}\n`);
      yield file;
    }
  };
  return { name: basename(path), files: readHashed(), digest: () => `sha256:${whole.digest("hex")}` };
}

interface Collected {
  advisories: Map<string, Advisory[]>;
  entries: number;
  withdrawn: number;
  others: number;
  /** The newest `modified`, in milliseconds. */
  newest: number;
}

async function collect(
  files: AsyncIterable<SourceFile>,
  { signal, onProgress }: { signal: ImportOptions["signal"]; onProgress: ImportOptions["onProgress"] | undefined },
): Promise<Collected> {
  const collected: Collected = { advisories: new Map(), entries: 0, withdrawn: 0, others: 0, newest: 0 };
  const seen = new Map<string, string>();
  for await (const file of files) {
    signal?.throwIfAborted();
    const entry = parseOsvEntry(file);
    const first = seen.get(entry.id);
    if (first !== undefined) throw invalid(file.path, `${entry.id} is in ${first}, too`);
    seen.set(entry.id, file.path);
    add(collected, entry);
    if (seen.size % 10_000 === 0) onProgress?.(`${seen.size} entries read`);
  }
  return collected;
}

function add(collected: Collected, entry: OsvEntry): void {
  collected.newest = Math.max(collected.newest, Date.parse(entry.modified));
  const advisories = toAdvisories(entry);
  if (advisories.size > 0) collected.entries += 1;
  else if (npmAffected(entry).length > 0) collected.withdrawn += 1;
  else collected.others += 1;
  for (const [name, advisory] of advisories) {
    const known = collected.advisories.get(name);
    if (known === undefined) collected.advisories.set(name, [advisory]);
    else known.push(advisory);
  }
}

function invalid(path: string, why: string): HxpError {
  return new HxpError("ADVISORY_SOURCE_INVALID", `${path} is refused: ${why}`);
}
