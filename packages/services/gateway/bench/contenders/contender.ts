import type { Destination } from "../load/requests.ts";
import type { BenchProcess, ProcessOptions } from "../world/bench-process.ts";

/** What contenders are started with. */
export interface ContenderWorld {
  /** Of the upstream, with `/v1`. */
  readonly upstreamUrl: string;
  /** The upstream itself, which is also a contender. */
  readonly upstream: BenchProcess;
  /** Temporary folder; gone at the end. */
  readonly folder: string;
  /** Starts a module, or a program, that ends with the bench. */
  readonly start: (kind: "module" | "program", options: StartOptions) => BenchProcess;
  readonly signal: AbortSignal;
  readonly options: ContenderOptions;
}

/** What a contender's process is started with. */
type StartOptions = Omit<ProcessOptions, "folder" | "signal">;

/** What of the bench's options contenders look at. */
export interface ContenderOptions {
  /** Module that serves HXP. */
  readonly hxpProcess: string;
  /** Folder for what is installed, and kept. */
  readonly cache: string;
  /** Installs nothing; what is installed already is used. */
  readonly skipInstall: boolean;
  /** Whether HXP runs from what was built, not from its sources. */
  readonly built: boolean;
  /** For the Node that runs HXP. */
  readonly nodeArgs: readonly string[];
  /** Folder for a processor profile of HXP. */
  readonly profile?: string | undefined;
}

/** A server that answers. */
export interface RunningContender {
  readonly destination: Destination;
  readonly process: BenchProcess;
  /** For the report: versions, and what is switched on. */
  readonly about: string;
}

/** Why a contender does not take part. */
export interface Skipped {
  readonly skipped: string;
}

/** A way to the upstream. */
export interface Contender {
  readonly name: ContenderName;
  readonly start: (world: ContenderWorld) => Promise<RunningContender | Skipped>;
}

/** All contenders, in the order of the report. */
export const contenderNames = ["direct", "pass-through", "nginx", "hxp", "portkey"] as const;

/** Name of a contender. */
export type ContenderName = (typeof contenderNames)[number];
