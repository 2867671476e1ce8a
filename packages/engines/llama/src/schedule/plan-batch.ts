/** A sequence that has tokens to compute. */
export interface Pending {
  readonly sequence: number;
  /** Tokens that are not in the cache yet: the rest of a prompt, or the one that was chosen last. */
  readonly tokens: Uint32Array;
  /** Whether the prompt is still being read. */
  readonly isPrompt: boolean;
}

/** What one sequence computes in a step. */
export interface BatchEntry {
  readonly sequence: number;
  readonly tokens: Uint32Array;
  /** Whether the next token is chosen after the last of these. */
  readonly hasOutput: boolean;
}

/**
 * Plans a step: one token for each answer that is being written, then prompts in the order of `pending`. While answers are being
 * written, prompts get at most `promptChunk` tokens of it, so that streams do not stall.
 */
export function planBatch(
  pending: readonly Pending[],
  limits: { batchSize: number; promptChunk: number },
): readonly BatchEntry[] {
  const writing = pending.filter(({ isPrompt }) => !isPrompt).slice(0, limits.batchSize);
  const room = limits.batchSize - writing.length;
  let left = writing.length > 0 ? Math.min(room, limits.promptChunk) : room;
  const entries = writing.map(({ sequence, tokens }) => ({ sequence, tokens, hasOutput: true }));
  for (const { sequence, tokens, isPrompt } of pending) {
    if (!isPrompt || left === 0) continue;
    const chunk = tokens.subarray(0, left);
    entries.push({ sequence, tokens: chunk, hasOutput: chunk.length === tokens.length });
    left -= chunk.length;
  }
  return entries;
}
