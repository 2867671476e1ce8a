import { access, constants, mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { HxpError, toHxpError } from "@hxp/errors";
import { type UsageRecord, usageRecord } from "@hxp/schema-storage";
import { writeAtomically } from "../files/write-atomically.ts";

/** Usage on the local disk that waits for the storage. */
export interface UsageSpool {
  /** Bytes that wait. */
  readonly bytes: number;
  /** Keeps records: once it resolves, they outlive a kill and a power cut. Throws STORAGE_FULL when the spool may not grow further. */
  write(records: readonly UsageRecord[]): Promise<void>;
  /** Names of what waits, oldest first. */
  files(): Promise<readonly string[]>;
  /** Records of one file. Lines that are none are left out. */
  read(file: string): Promise<readonly UsageRecord[]>;
  /** Forgets a file. One that is gone already, because another process replayed it, is no error. */
  remove(file: string): Promise<void>;
  /** Keeps records in a file with the ending `.rejected`, which is not replayed, and gives its name; undefined: there is no room. */
  setAside(records: readonly UsageRecord[]): Promise<string | undefined>;
}

/** What {@link openUsageSpool} takes. */
export interface UsageSpoolOptions {
  /** Made when it is missing. */
  readonly folder: string;
  readonly maxBytes: number;
  /** Milliseconds since 1970; default Date.now. */
  readonly clock?: (() => number) | undefined;
}

const draftLife = 60_000;
const isDraft = (name: string): boolean => /^usage-[\w-]+\.jsonl(?:\.rejected)?\.\d+\.tmp$/.test(name);
const isSpoolFile = (name: string): boolean => /^usage-[\w-]+\.jsonl$/.test(name);

/**
 * Opens the spool of a folder. Each file in it is written whole and never appended to, so that processes can share the folder while one
 * takes over from another: whoever finds a file may replay it, and usage is accounted once by its id. Throws FILE_UNREADABLE when the folder cannot be made or written.
 */
export async function openUsageSpool({ folder, maxBytes, clock = Date.now }: UsageSpoolOptions): Promise<UsageSpool> {
  await makeFolder(folder);
  await removeDrafts(folder, clock() - draftLife);
  const files = async (): Promise<string[]> => (await readdir(folder)).filter(isSpoolFile).toSorted();
  const sizes = new Map<string, number>();
  for (const file of await files()) sizes.set(file, await sizeOf(join(folder, file)));
  let bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  let asideBytes = 0;
  let count = 0;
  const nextName = (): string => {
    count += 1;
    return `usage-${String(clock()).padStart(15, "0")}-${process.pid}-${count}.jsonl`;
  };

  return {
    get bytes() {
      return bytes;
    },
    write: async (records) => {
      const content = renderLines(records);
      const size = Buffer.byteLength(content);
      if (bytes + size > maxBytes) throw fullError(folder, maxBytes);
      const file = nextName();
      await writeAtomically(join(folder, file), content);
      sizes.set(file, size);
      bytes += size;
    },
    files,
    read: async (file) => parseLines(await readFile(join(folder, file), "utf8")),
    remove: async (file) => {
      await rm(join(folder, file), { force: true });
      bytes -= sizes.get(file) ?? 0;
      sizes.delete(file);
    },
    setAside: async (records) => {
      const content = renderLines(records);
      asideBytes += Buffer.byteLength(content);
      if (asideBytes > maxBytes) return undefined;
      const file = `${nextName()}.rejected`;
      await writeAtomically(join(folder, file), content);
      return file;
    },
  };
}

function renderLines(records: readonly UsageRecord[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join("");
}

function parseLines(text: string): readonly UsageRecord[] {
  return text.split("\n").flatMap((line) => {
    const { success, data } = usageRecord.safeParse(parseJson(line));
    return success ? [data] : [];
  });
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.R_OK | constants.W_OK);
  } catch (cause) {
    const { message } = toHxpError(cause);
    throw new HxpError("FILE_UNREADABLE", `The usage spool ${folder} cannot be written: ${message}`, { cause });
  }
}

/** What a process that was killed left half written: nobody was told that it is kept. */
async function removeDrafts(folder: string, before: number): Promise<void> {
  for (const name of (await readdir(folder)).filter(isDraft)) {
    const path = join(folder, name);
    // oxlint-disable-next-line no-await-in-loop -- there are hardly any
    const found = await stat(path).catch(() => undefined);
    // A younger one may be another process's, which is writing it.
    // oxlint-disable-next-line no-await-in-loop -- as above
    if (found !== undefined && found.mtimeMs < before) await rm(path, { force: true });
  }
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found?.size ?? 0;
}

function fullError(folder: string, maxBytes: number): HxpError {
  return new HxpError("STORAGE_FULL", `The usage spool ${folder} has reached its ${maxBytes} bytes.`);
}
