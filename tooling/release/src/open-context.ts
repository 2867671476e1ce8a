import { createHash } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { HxpError } from "@hxp/errors";
import { acquireLease } from "@hxp/evidence/durable";
import { sortKeys } from "@hxp/evidence/release";
import { loadReleaseConfig } from "./config/load-release-config.ts";
import { type Journal, openJournal, openJournalForReading } from "./journal/journal.ts";
import type { Progress } from "./output/progress.ts";
import type { ReleaseContext, ReleaseOptions } from "./release-context.ts";
import { credentialFreeEnvironment } from "./workspace/credential-free-environment.ts";
import { openRepository } from "./workspace/git.ts";
import { type ReleasePaths, releasePaths } from "./workspace/release-paths.ts";
import { removeUnfinishedFiles } from "./workspace/remove-unfinished-files.ts";

/** What {@link withReleaseContext} takes. */
export interface ContextOptions {
  cwd: string;
  /** What the command does, for whoever finds the lease held. */
  purpose: string;
  options?: ReleaseOptions;
  /** Takes no lease, and the journal cannot be written. */
  readOnly?: boolean;
  /** Absolute folder of journal, keys, log, evidence and registry; default: as the configuration says. */
  state?: string;
  /** Absolute folder of imported databases; default: in the state folder. */
  databases?: string;
  progress: Progress;
  env?: NodeJS.ProcessEnv;
  clock?: () => number;
  signal?: AbortSignal;
  prompt?: (question: string) => Promise<string>;
}

/** Opens a workspace's configuration, lease and journal for a command, and closes everything after it. */
export async function withReleaseContext<T>(
  settings: ContextOptions,
  work: (context: ReleaseContext) => Promise<T>,
): Promise<T> {
  const { env = process.env, clock = Date.now } = settings;
  const workspace = resolve(settings.cwd);
  if (!existsSync(join(workspace, "pnpm-workspace.yaml"))) {
    throw new HxpError("WORKSPACE_INVALID", `${workspace} has no pnpm-workspace.yaml`);
  }
  const closers: (() => Promise<void> | void)[] = [];
  const lost = new AbortController();
  const signal = settings.signal === undefined ? lost.signal : AbortSignal.any([settings.signal, lost.signal]);
  try {
    const scratch = join(releasePaths(settings.state ?? workspace, env).work, "environment");
    const childEnv = credentialFreeEnvironment(env, { scratch, workspace });
    const config = await loadReleaseConfig(workspace, childEnv);
    const own = releasePaths(settings.state ?? join(workspace, config.state), env);
    const paths = settings.databases === undefined ? own : { ...own, databases: settings.databases };
    makeStateFolder(paths.state);
    const onClose = (close: () => Promise<void> | void): void => void closers.push(close);
    const journal =
      settings.readOnly === true
        ? openJournalForReading(paths.journal)
        : openLeasedJournal(paths, { ...settings, clock, onClose, onLost: (error) => lost.abort(error) });
    const context: ReleaseContext = {
      workspace,
      options: settings.options ?? {},
      config,
      configDigest: createHash("sha256")
        .update(JSON.stringify(sortKeys(config)))
        .digest("hex"),
      paths,
      env,
      childEnv,
      repository: await openRepository(workspace, childEnv),
      journal,
      progress: settings.progress,
      clock,
      signal,
      prompt: settings.prompt,
      onClose,
    };
    return await work(context);
  } finally {
    for (const close of closers.toReversed()) await closeQuietly(close, settings.progress);
  }
}

/** Keys and journals must not get into the repository, least of all into a release of the working tree. */
function makeStateFolder(state: string): void {
  const ignore = join(state, ".gitignore");
  if (existsSync(ignore)) return;
  mkdirSync(state, { recursive: true });
  writeFileSync(ignore, "*\n");
}

interface LeasedOptions extends Pick<ContextOptions, "purpose" | "progress"> {
  clock: () => number;
  onClose: ReleaseContext["onClose"];
  /** Called when another process has taken the lease. */
  onLost: (error: unknown) => void;
}

function openLeasedJournal(paths: ReleasePaths, options: LeasedOptions): Journal {
  const { purpose, progress, clock, onClose, onLost } = options;
  const lease = acquireLease(paths.lease, { purpose, clock });
  onClose(() => lease.release());
  onClose(keepRenewed(lease, onLost));
  if (lease.tookOver !== undefined) {
    progress.note(`  taking over from process ${lease.tookOver.pid} on ${lease.tookOver.host}, which has died`);
    // The registry's folder has a lease of its own, and mends itself.
    for (const folder of [paths.releases, paths.keys, paths.trust, paths.log]) removeUnfinishedFiles(folder);
  }
  const journal = openJournal(paths.journal, clock);
  onClose(() => journal.close());
  return journal;
}

/** What was done is done, and a thing that does not close must not hide how it ended. */
async function closeQuietly(close: () => Promise<void> | void, progress: Progress): Promise<void> {
  try {
    await close();
  } catch (error) {
    progress.warn(error instanceof Error ? error.message : String(error));
  }
}

/** A lease that is lost stops the command before its next effect. */
function keepRenewed(lease: { renew(): void }, onLost: (error: unknown) => void): () => void {
  const renew = (): void => {
    try {
      lease.renew();
    } catch (error) {
      onLost(error);
    }
  };
  const timer = setInterval(renew, 120_000);
  timer.unref();
  return () => clearInterval(timer);
}
