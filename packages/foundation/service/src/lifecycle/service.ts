import type { Logger } from "../log/create-logger.ts";
import type { Metrics } from "../metrics/create-metrics.ts";

/** How much work waits and how much was done, for telling a busy service from a stuck one. */
export interface Progress {
  /** Work under way or waiting: requests, for example. */
  readonly pending: number;
  /** A count that grows with each step of work: tokens, or chunks that were forwarded. */
  readonly done: number;
}

/** How the requests of a drain ended. */
export interface DrainReport {
  /** Ended by themselves. */
  readonly completed: number;
  /** Ended by the server at the deadline. */
  readonly cut: number;
  /** Ended by their client. */
  readonly left: number;
}

/** What {@link Service.drain} is told. */
export interface DrainContext {
  /** Aborted at the deadline, with an HxpError SERVER_DRAINING as its reason: end each stream with an in-band error now. */
  readonly signal: AbortSignal;
  /** Milliseconds until the deadline. */
  readonly deadlineMs: number;
}

/** A server as the life of its process sees it: what `start` returned. */
export interface Service {
  /** Answers a real request by its own front door; throws when the answer is wrong. Without it, started means ready. */
  prove?(signal: AbortSignal): Promise<void>;
  /** Why it cannot serve right now; undefined when it can. Never whether something else, such as a database, is up. */
  whyUnready?(): string | undefined;
  progress?(): Progress;
  /** Stops accepting, finishes what runs, and says how it went. */
  drain?(context: DrainContext): Promise<DrainReport>;
  /** Gives back everything: listeners, files, children. Called once, after the drain and also after a start that failed later on. */
  stop?(): Promise<void> | void;
}

/** What `start` gets. */
export interface StartContext {
  /**
   * Says what the start does now and, where known, how many milliseconds it will take from now on. With `log: false` the log has
   * no line of it, because whoever does it, such as another process, writes its own.
   */
  phase(phase: string, remainingMs?: number, options?: { readonly log?: boolean }): void;
  /** Aborted when the service is told to stop before it is ready. */
  readonly signal: AbortSignal;
  /** Aborted when draining begins, reason SERVER_DRAINING: take no new work that lasts. */
  readonly draining: AbortSignal;
  /** Aborted at the drain's deadline, reason SERVER_DRAINING: end each stream with an in-band error now. */
  readonly deadline: AbortSignal;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** How long the stages of the end may take, in milliseconds. */
export interface DrainTimes {
  /** How long new requests are still taken after the service says that it is unready. Default 0. */
  acceptMs?: number;
  /** How long requests may go on. Default 30,000. */
  deadlineMs?: number;
  /** How long after the deadline the service may take to end its streams with an error, and then to stop. Default 5,000. */
  graceMs?: number;
}

/** How a service ended. */
export interface ServiceExit extends DrainReport {
  /** Why it ended: `SIGTERM`, `start failed`, or what `drain` was called with. */
  readonly reason: string;
  /** What a process would exit with: 0 after a drain, else the error's exit code. */
  readonly exitCode: number;
  readonly error?: Error;
}
