import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Replaces a file in a folder that is there, as a whole; it is on disk when this resolves. Waiting for a disk must not stop
 * a server, so it is not the synchronous writeFileDurably.
 */
export async function storeFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await using handle = await open(temporary, "wx");
    await handle.writeFile(text);
    await handle.sync();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await using handle = await open(dirname(path), "r");
  await handle.sync();
}
