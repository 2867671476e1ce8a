import type { Usage } from "@hxp/engine";
import type { Chooser, Job } from "./job.ts";

/** A sequence of the cache: what is in it, and which job uses it. */
export interface Slot {
  readonly sequence: number;
  /** Tokens whose keys and values are in the cache. */
  readonly tokens: number[];
  /** Number of the step in which it was used last. */
  usedAt: number;
  work: Work | undefined;
}

/** A job that has a sequence. */
export interface Work {
  readonly job: Job;
  readonly chooser: Chooser;
  /** Number of its turn: whose was earlier is read first. */
  readonly turn: number;
  /** Tokens of the prompt that were in the cache already. */
  readonly cached: number;
  /** Tokens of the prompt that are in the cache. */
  read: number;
  /** The token that was chosen last and is not in the cache. */
  next: number | undefined;
  completion: number;
}

/** The slot whose cache begins most like the prompt; among equals, the one that was not used for longest. */
export function pickSlot(slots: readonly Slot[], prompt: Uint32Array): { slot: Slot; common: number } | undefined {
  const ranked = slots
    .filter(({ work }) => work === undefined)
    .map((slot) => ({ slot, common: commonLength(slot.tokens, prompt) }))
    .toSorted((left, right) => right.common - left.common || left.slot.usedAt - right.slot.usedAt);
  return ranked[0];
}

/** What a job has taken so far. */
export function usageOf(work: Work): Usage {
  return { promptTokens: work.read, cachedTokens: work.cached, completionTokens: work.completion };
}

function commonLength(tokens: readonly number[], prompt: Uint32Array): number {
  // The last token of a prompt is always computed: the answer begins with what follows it.
  const longest = Math.min(tokens.length, prompt.length - 1);
  let length = 0;
  while (length < longest && tokens[length] === prompt[length]) length += 1;
  return length;
}
