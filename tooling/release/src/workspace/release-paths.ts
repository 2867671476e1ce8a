import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";

/** Where a workspace's releases keep their things. */
export interface ReleasePaths {
  /** Kept: the journal, the keys, the log, the evidence, the local registry. Never in git. */
  state: string;
  journal: string;
  lease: string;
  keys: string;
  log: string;
  trust: string;
  registry: string;
  releases: string;
  /** The auditor's pages, a folder for each release. */
  reports: string;
  /** Imported databases, such as the advisory snapshot. */
  databases: string;
  /** May be deleted at any time: exported trees, Node versions. Outside the workspace, so that nothing resolves upwards into it. */
  cache: string;
  toolchain: string;
  work: string;
}

/** Works out the paths from a workspace's state folder, absolute, and the user's cache folder. */
export function releasePaths(state: string, env: NodeJS.ProcessEnv): ReleasePaths {
  const cache = join(userCache(env), "hxp-release");
  const key = createHash("sha256").update(state).digest("hex").slice(0, 12);
  return {
    state,
    journal: join(state, "journal.jsonl"),
    lease: join(state, "lease.json"),
    keys: join(state, "keys"),
    log: join(state, "log"),
    trust: join(state, "trust"),
    registry: join(state, "registry"),
    releases: join(state, "releases"),
    reports: join(state, "reports"),
    databases: join(state, "databases"),
    cache,
    toolchain: join(cache, "toolchain"),
    work: join(cache, "work", key),
  };
}

/** The XDG base directory specification tells to ignore empty and relative paths. */
function userCache({ XDG_CACHE_HOME: cache = "", HOME: home = "" }: NodeJS.ProcessEnv): string {
  if (isAbsolute(cache)) return cache;
  return isAbsolute(home) ? join(home, ".cache") : tmpdir();
}
