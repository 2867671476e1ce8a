import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";

/** Reads what {@link writeRecordFile} kept under a key. A file that is not as it was written, or of another key, counts as none. */
export async function readRecordFile<Schema extends z.ZodType>(
  path: string,
  { key, schema }: { key: string; schema: Schema },
): Promise<z.output<Schema> | undefined> {
  const envelope = z.strictObject({ key: z.literal(key), digest: z.string(), value: z.json() });
  const read = envelope.safeParse(await readJson(path));
  if (!read.success || read.data.digest !== digestOf(read.data.value)) return undefined;
  const value = schema.safeParse(read.data.value);
  return value.success ? value.data : undefined;
}

/** Keeps plain data under a key, with its digest. The file appears whole, or not at all. */
export async function writeRecordFile(path: string, key: string, value: unknown): Promise<void> {
  const json = JSON.parse(JSON.stringify(value)) as unknown;
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${randomUUID()}`;
  await writeFile(unfinished, JSON.stringify({ key, digest: digestOf(json), value: json }));
  await rename(unfinished, path);
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    // Not there, or torn: it is found out again.
    return undefined;
  }
}

function digestOf(value: unknown): string {
  return `sha256:${createHash("sha256").update(JSON.stringify(value)).digest("hex")}`;
}
