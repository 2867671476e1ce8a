import type { LoadedModel } from "@hxp/engine";

/**
 * Most tokens that a model may take to give a known answer: those of the answer, a quarter more, as a model may spell it in
 * smaller tokens, and 16 for what comes before it. What comes after it is not compared; a model that rambles would only delay
 * the start.
 */
export function boundAnswer(answer: string, model: Pick<LoadedModel, "countTokens">): number {
  return Math.ceil(model.countTokens(answer.trim()) * 1.25) + 16;
}
