import { access, constants, mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
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
  /** Sets a file aside: it is kept, with the ending `.rejected`, and not replayed. */
  reject(file: string): Promise<void>;
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
const isDraft = (name: string): boolean => /^usage-[\w-]+\.jsonl\.\d+\.tmp$/.test(name);
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
  let count = 0;
  const forget = (file: string): void => {
    bytes -= sizes.get(file) ?? 0;
    sizes.delete(file);
  };

  return {
    get bytes() {
      return bytes;
    },
    write: async (records) => {
      const content = records.map((record) => `${JSON.stringify(record)}\n`).join("");
      const size = Buffer.byteLength(content);
      if (bytes + size > maxBytes) throw fullError(folder, maxBytes);
      count += 1;
      const file = `usage-${String(clock()).padStart(15, "0")}-${process.pid}-${count}.jsonl`;
      await writeAtomically(join(folder, file), content);
      sizes.set(file, size);
      bytes += size;
    },
    files,
    read: async (file) => parseLines(await readFile(join(folder, file), "utf8")),
    remove: async (file) => {
      await rm(join(folder, file), { force: true });
      forget(file);
    },
    reject: async (file) => {
      await rename(join(folder, file), join(folder, `${file}.rejected`));
      forget(file);
    },
  };
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
