import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";

/**
 * Gets a folder out of the way at once and deletes it in the background, together with what an earlier, killed deletion
 * left: an exported tree with its dependencies has some 50,000 files, which nobody should wait for.
 *
 * @param trash folder on the same file system
 */
export function discardFolder(folder: string, trash: string): void {
  if (!existsSync(folder)) return;
  mkdirSync(trash, { recursive: true });
  renameSync(folder, join(trash, randomUUID()));
  const discarded = readdirSync(trash).map((name) => join(trash, name));
  const child = spawn("rm", ["-rf", ...discarded], { detached: true, stdio: "ignore" });
  // Deleting is a courtesy: without `rm` the cache only grows.
  child.on("error", () => {});
  child.unref();
}
