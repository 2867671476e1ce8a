import type { Journal } from "./journal/journal.ts";
import type { ReleaseConfig } from "./config/release-config.ts";
import type { Progress } from "./output/progress.ts";
import type { Repository } from "./workspace/git.ts";
import type { ReleasePaths } from "./workspace/release-paths.ts";

/** What a person may say on the command line. */
export interface ReleaseOptions {
  /** Registry by its name in the configuration. */
  to?: string | undefined;
  channel?: string | undefined;
  allowDirty?: boolean | undefined;
  /** Release versions again that were rolled back. */
  restore?: boolean | undefined;
  /** One-time password of the registry account. */
  otp?: string | undefined;
  /** Put before the git tags of a rehearsal; default: `rehearsal/`. */
  tagPrefix?: string | undefined;
  /** Accept that a registry points `latest` at a new name's first version before it is verified. */
  acceptFirstLatest?: boolean | undefined;
}

/** What every step may use. Effects go through it, so that tests and drills can give others. */
export interface ReleaseContext {
  /** Absolute path of the workspace. */
  readonly workspace: string;
  readonly options: ReleaseOptions;
  readonly config: ReleaseConfig;
  /** SHA-256 of the configuration, hex. */
  readonly configDigest: string;
  readonly paths: ReleasePaths;
  /** The environment that the command was started with; holds credentials. */
  readonly env: NodeJS.ProcessEnv;
  /** The environment for everything that runs project code. */
  readonly childEnv: NodeJS.ProcessEnv;
  readonly repository: Repository;
  readonly journal: Journal;
  readonly progress: Progress;
  readonly clock: () => number;
  readonly signal: AbortSignal | undefined;
  /** Asks a person for a passphrase; undefined where nobody can be asked. */
  readonly prompt: ((question: string) => Promise<string>) | undefined;
  /** Runs when the command ends, last added first. */
  readonly onClose: (close: () => Promise<void> | void) => void;
}
