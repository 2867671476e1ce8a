import type { LoadOptions, MemoryPlan } from "@hxp/engine";
import { HxpError } from "@hxp/errors";

/** What {@link checkMemory} judges. */
export interface MemoryQuestion {
  readonly name: string;
  readonly plan: MemoryPlan;
  readonly load: Pick<LoadOptions, "contextLength" | "sequences">;
  /** Bytes that there are; undefined: unknown. */
  readonly available: number | undefined;
  /** Bytes to leave free. */
  readonly reserve: number;
}

/**
 * Refuses a model that would not fit into memory: an error that says what would fit beats a process that the kernel kills.
 * Throws MODEL_MEMORY_EXCEEDED.
 */
export function checkMemory({ name, plan, load, available, reserve }: MemoryQuestion): void {
  if (available === undefined || plan.host + reserve <= available) return;
  const { weights, cache, compute, host } = plan;
  const fits = findFit({ plan, load, room: available - reserve });
  const message =
    `The model ${name} takes ${show(host)} of memory (weights ${show(weights)}, cache ${show(cache)} for ${load.sequences} × ` +
    `${load.contextLength} tokens, computing ${show(compute)}), but ${show(available)} are available, of which ${show(reserve)} stay free.`;
  const hint = `${describeFit(fits)} Or choose a smaller model or quantization.`.trimStart();
  throw new HxpError("MODEL_MEMORY_EXCEEDED", message, { hint, details: { plan, available, reserve, fits } });
}

/** Sizes that fit, one of them changed; undefined: none does. */
interface Fit {
  readonly sequences?: number;
  readonly contextLength?: number;
}

const contextStep = 256;

function findFit({ plan, load, room }: { plan: MemoryPlan; load: MemoryQuestion["load"]; room: number }): Fit {
  // What is not cache stays as it is, and the cache grows with both sizes.
  const left = room - (plan.host - plan.cache);
  if (left <= 0 || plan.cache <= 0) return {};
  const share = left / plan.cache;
  const sequences = Math.floor(load.sequences * share);
  const contextLength = Math.floor((load.contextLength * share) / contextStep) * contextStep;
  return { ...(sequences > 0 ? { sequences } : {}), ...(contextLength > 0 ? { contextLength } : {}) };
}

function describeFit({ sequences, contextLength }: Fit): string {
  const sizes = [
    ...(sequences === undefined ? [] : [`sequences: ${sequences}`]),
    ...(contextLength === undefined ? [] : [`contextLength: ${contextLength}`]),
  ];
  return sizes.length === 0 ? "" : `It would fit with ${sizes.join(", or with ")}.`;
}

/** Bytes for people. */
export function show(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"] as const;
  const power = bytes < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}
