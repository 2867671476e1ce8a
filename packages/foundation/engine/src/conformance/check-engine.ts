import type { Engine, LoadedModel, LoadOptions } from "../engine.ts";
import type { Prompt, Sampling } from "../generate.ts";
import { abortChecks } from "./abort-checks.ts";
import { answerChecks } from "./answer-checks.ts";
import { capabilityChecks } from "./capability-checks.ts";
import { CheckFailed, type ConformanceCheck, NotRun } from "./check.ts";
import { concurrencyChecks } from "./concurrency-checks.ts";
import { lifeChecks } from "./life-checks.ts";

/** What {@link checkEngine} takes. */
export interface CheckEngineOptions {
  /** What to load; at least 2 sequences, and a context of 512 tokens or more. */
  readonly load: LoadOptions;
  /** Prompts whose answers, at temperature 0, have 16 tokens or more. Default: a short text. */
  readonly prompt?: Prompt | undefined;
  /** Sampling that a check changes where it must. Default: temperature 0 and no limits. */
  readonly sampling?: Sampling | undefined;
  /** Longest that one check may take, in milliseconds. Default 60,000. */
  readonly timeout?: number | undefined;
}

/** What one check found. */
export interface ConformanceResult {
  /** A sentence that is true of an engine that conforms. */
  readonly check: string;
  /** `not-run`: the model has not the capability that is checked. */
  readonly verdict: "passed" | "failed" | "not-run";
  /** What was found instead, or why it did not run. */
  readonly problem?: string | undefined;
}

const plain: Sampling = { temperature: 0, topP: 1, topK: 0, minP: 0, presencePenalty: 0, frequencyPenalty: 0 };
const defaultTimeout = 60_000;

/**
 * Asks an engine all that the seam promises, against a model that it loads for it. Nothing is thrown: a check that fails, throws or
 * takes too long is a result. An engine conforms when no verdict is `failed`.
 */
export async function checkEngine(engine: Engine, options: CheckEngineOptions): Promise<readonly ConformanceResult[]> {
  const { load, timeout = defaultTimeout } = options;
  const context = {
    engine,
    load,
    prompt: options.prompt ?? { type: "text", text: "One, two, three, four," },
    sampling: options.sampling ?? plain,
  } as const;
  const results = await runAll(lifeChecks, { timeout, run: (check) => check.run({ ...context, model: undefined }) });
  const opened = await open(engine, load);
  if ("problem" in opened) return [...results, { check: "It loads the model", verdict: "failed", ...opened }];
  try {
    const checks = [...answerChecks, ...abortChecks, ...concurrencyChecks, ...capabilityChecks];
    const run = (check: ConformanceCheck): Promise<void> => check.run({ ...context, model: opened.model });
    return [...results, ...(await runAll(checks, { timeout, run }))];
  } finally {
    await opened.model.unload();
  }
}

async function open(engine: Engine, load: LoadOptions): Promise<{ model: LoadedModel } | { problem: string }> {
  try {
    return { model: await engine.load(load) };
  } catch (error) {
    return { problem: String(error) };
  }
}

async function runAll<Model>(
  checks: readonly ConformanceCheck<Model>[],
  { timeout, run }: { timeout: number; run: (check: ConformanceCheck<Model>) => Promise<void> },
): Promise<readonly ConformanceResult[]> {
  const results: ConformanceResult[] = [];
  for (const check of checks) results.push(await judge(check.check, () => within(timeout, run(check))));
  return results;
}

async function judge(check: string, run: () => Promise<void>): Promise<ConformanceResult> {
  try {
    await run();
    return { check, verdict: "passed" };
  } catch (error) {
    if (error instanceof NotRun) return { check, verdict: "not-run", problem: error.message };
    const problem = error instanceof CheckFailed ? error.message : `threw ${String(error)}`;
    return { check, verdict: "failed", problem };
  }
}

async function within(timeout: number, work: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new CheckFailed(`took longer than ${timeout} ms`)), timeout);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
