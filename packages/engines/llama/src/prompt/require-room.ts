import { HxpError } from "@hxp/errors";
import type { Vocabulary } from "../text/vocabulary.ts";

/** What {@link requireRoom} judges. */
export interface RoomQuestion {
  readonly vocabulary: Pick<Vocabulary, "leastTokens">;
  readonly contextLength: number;
}

/**
 * Refuses a prompt that cannot fit, however it is read: reading megabytes takes seconds, in which no other answer goes on.
 * Throws ENGINE_CONTEXT_EXCEEDED.
 */
export function requireRoom(text: string, { vocabulary, contextLength }: RoomQuestion): void {
  const promptTokens = vocabulary.leastTokens(text);
  if (promptTokens <= contextLength) return;
  const message = `The prompt has more than ${promptTokens} tokens: the context holds ${contextLength}`;
  throw new HxpError("ENGINE_CONTEXT_EXCEEDED", message, { details: { promptTokens, contextLength } });
}
