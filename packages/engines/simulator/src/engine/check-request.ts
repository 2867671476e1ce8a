import type { GenerateRequest } from "@hxp/engine";
import { HxpError } from "@hxp/errors";

type Check = readonly [name: string, value: number | undefined, least: number, most: number];

/** Checks the numbers of a request. Throws ENGINE_REQUEST_INVALID. */
export function checkRequest({ maxTokens, sampling, topLogprobs }: GenerateRequest): void {
  const { temperature, topP, topK, minP, presencePenalty, frequencyPenalty } = sampling;
  const checks: readonly Check[] = [
    ["maxTokens", maxTokens, 1, Number.MAX_SAFE_INTEGER],
    ["temperature", temperature, 0, 100],
    ["topP", topP, 0, 1],
    ["topK", topK, 0, Number.MAX_SAFE_INTEGER],
    ["minP", minP, 0, 1],
    ["presencePenalty", presencePenalty, -2, 2],
    ["frequencyPenalty", frequencyPenalty, -2, 2],
    ["topLogprobs", topLogprobs, 0, 20],
  ];
  for (const [name, value, least, most] of checks) {
    if (value === undefined || (value >= least && value <= most)) continue;
    throw new HxpError("ENGINE_REQUEST_INVALID", `${name} is ${value}, expected ${least} to ${most}.`);
  }
}
