import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { Refusal } from "./http.ts";

const chunk = Buffer.alloc(1 << 20, 1);

/**
 * Finds out whether a file system has room for so many bytes by writing them to a file, which is removed again: free
 * block counts know nothing of quotas. 507 where it has not.
 */
export function reserveSpace(path: string, bytes: number): void {
  let file: number | undefined;
  try {
    file = openSync(path, "w", 0o600);
    for (let left = bytes; left > 0; left -= chunk.length) writeSync(file, chunk, 0, Math.min(left, chunk.length));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOSPC" && code !== "EDQUOT") throw error;
    throw new Refusal(507, `The registry's disk has no room for ${bytes} bytes`);
  } finally {
    if (file !== undefined) closeSync(file);
    rmSync(path, { force: true });
  }
}
