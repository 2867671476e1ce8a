import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ContenderName, ContenderOptions, ContenderWorld, RunningContender } from "../contenders/contender.ts";
import { contendersOf } from "../contenders/contenders.ts";
import { type BenchProcess, startProcess, startProgram } from "./bench-process.ts";

/** All processes of a bench. */
export interface BenchWorld {
  readonly upstream: BenchProcess;
  /** The load generator. */
  readonly load: BenchProcess;
  readonly running: ReadonlyMap<ContenderName, RunningContender>;
  /** Why a contender does not take part. */
  readonly skipped: ReadonlyMap<ContenderName, string>;
  readonly signal: AbortSignal;
}

/** What {@link withBenchWorld} takes. */
export interface WorldOptions extends ContenderOptions {
  readonly only: readonly ContenderName[];
  readonly signal: AbortSignal;
}

/** Starts everything, gives it to `work`, and ends and removes everything, whatever the end is. */
export async function withBenchWorld<T>(options: WorldOptions, work: (world: BenchWorld) => Promise<T>): Promise<T> {
  await using cleanup = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "hxp-bench-"));
  cleanup.defer(() => rmSync(folder, { recursive: true, force: true }));
  const { signal } = options;
  const start: ContenderWorld["start"] = (kind, given) =>
    cleanup.use((kind === "module" ? startProcess : startProgram)({ ...given, folder, signal }));
  const own = (file: string): BenchProcess =>
    start("module", { file: join(import.meta.dirname, "../processes", file) });
  const upstream = own("upstream-process.ts");
  const { url: upstreamUrl } = await upstream.ask<{ url: string }>();
  const load = own("load-process.ts");
  await load.ask();
  const running = new Map<ContenderName, RunningContender>();
  const skipped = new Map<ContenderName, string>();
  for (const contender of contendersOf(options.only)) {
    // oxlint-disable-next-line no-await-in-loop -- they would compete for processors while they start
    const started = await contender.start({ upstream, upstreamUrl, folder, start, signal, options });
    if ("skipped" in started) skipped.set(contender.name, started.skipped);
    else running.set(contender.name, started);
  }
  return await work({ upstream, load, running, skipped, signal });
}
