import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Remembers the packages whose `latest` nobody has set. verdaccio points `latest` to the highest version whenever it
 * reads or writes a packument without one, and stores that, so its own data cannot tell.
 */
export interface UnsetLatest {
  has(name: string): boolean;
  add(name: string): void;
  delete(name: string): void;
}

/** Opens the marks kept in a folder, one file per package. */
export function openUnsetLatest(folder: string): UnsetLatest {
  const names = new Set(readdirSync(folder).map(decodeURIComponent));
  const pathOf = (name: string): string => join(folder, encodeURIComponent(name));
  return {
    has: (name) => names.has(name),
    add: (name) => {
      if (names.has(name)) return;
      // As durable as verdaccio's own files: they survive a kill, and are not forced to disk.
      writeFileSync(pathOf(name), "");
      names.add(name);
    },
    delete: (name) => {
      if (!names.delete(name)) return;
      rmSync(pathOf(name), { force: true });
    },
  };
}
