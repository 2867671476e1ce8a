import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Reads a small file; undefined where there is none. */
export type ReadText = (path: string) => Promise<string | undefined>;

/**
 * Bytes that this process can still take: what Linux calls MemAvailable, or what the limits of its control groups (version
 * 2) leave, whichever is less. Undefined where neither can be read.
 */
export async function readAvailableMemory(read: ReadText = readText): Promise<number | undefined> {
  const machine = parseAvailable(await read("/proc/meminfo"));
  const groups = await Promise.all(
    groupFolders(await read("/proc/self/cgroup")).map((folder) => readGroup(folder, read)),
  );
  const known = [machine, ...groups].filter((bytes) => bytes !== undefined);
  return known.length === 0 ? undefined : Math.max(0, Math.min(...known));
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch(() => undefined);
}

function parseAvailable(meminfo = ""): number | undefined {
  const kibibytes = /^MemAvailable:\s+(\d+) kB$/m.exec(meminfo)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

const root = "/sys/fs/cgroup";

/** The group of this process and all above it: each may have a limit. */
function groupFolders(cgroup = ""): readonly string[] {
  const path = /^0::(\/.*)$/m.exec(cgroup)?.[1];
  if (path === undefined || path.includes("..")) return [];
  const folders = [join(root, path)];
  for (let folder = join(root, path); folder.length > root.length;) {
    folder = dirname(folder);
    folders.push(folder);
  }
  return folders.map((folder) => folder.replace(/\/$/, ""));
}

async function readGroup(folder: string, read: ReadText): Promise<number | undefined> {
  const [max, current, statistics] = await Promise.all(
    ["memory.max", "memory.current", "memory.stat"].map((name) => read(join(folder, name))),
  );
  if (max === undefined || current === undefined || max.trim() === "max") return undefined;
  // Files that are cached are counted as used, but make way.
  const cached = ["active_file", "inactive_file"].map((name) =>
    Number(new RegExp(`^${name} (\\d+)$`, "m").exec(statistics ?? "")?.[1] ?? 0),
  );
  return Number(max) - Number(current) + cached.reduce((sum, bytes) => sum + bytes, 0);
}
