import { randomInt } from "node:crypto";
import type { Sampling } from "@hxp/engine";
import { HxpError } from "@hxp/errors";
import type { AddonSamplerConfig } from "../addon/addon.ts";

/** What beside {@link Sampling} decides the settings of a sampler. */
export interface SamplerLimits {
  readonly vocabularySize: number;
  /** Tokens that penalties look back. */
  readonly contextLength: number;
  /** Tokens that are never chosen. */
  readonly banned: readonly number[];
  /** Makes a seed where the request has none. */
  readonly createSeed?: () => number;
}

const ranges = {
  temperature: [0, 100],
  topP: [0, 1],
  topK: [0, 2 ** 31 - 1],
  minP: [0, 1],
  presencePenalty: [-100, 100],
  frequencyPenalty: [-100, 100],
} as const;
const seeds = 2 ** 32;

/** Turns the sampling of a request into a sampler's settings. Throws ENGINE_REQUEST_INVALID. */
export function toSamplerConfig(sampling: Sampling, limits: SamplerLimits): AddonSamplerConfig {
  checkRanges(sampling);
  const { createSeed = () => randomInt(seeds) } = limits;
  const seed = sampling.seed ?? createSeed();
  return {
    temperature: sampling.temperature,
    // llama.cpp takes 32 bits; the same seed stays the same.
    seed: ((Math.trunc(seed) % seeds) + seeds) % seeds,
    ...(sampling.topK > 0 ? { topK: sampling.topK } : {}),
    ...(sampling.topP < 1 ? { topP: sampling.topP } : {}),
    ...(sampling.minP > 0 ? { minP: sampling.minP } : {}),
    ...penaltiesOf(sampling, limits),
    ...biasOf(sampling, limits),
  };
}

function checkRanges(sampling: Sampling): void {
  for (const [name, [least, most]] of Object.entries(ranges)) {
    const value = sampling[name as keyof typeof ranges];
    if (!(value >= least && value <= most)) throw invalid(`sampling.${name} is ${value}, expected ${least} to ${most}`);
  }
  if (!Number.isInteger(sampling.topK)) throw invalid(`sampling.topK is ${sampling.topK}, expected an integer`);
  if (sampling.seed !== undefined && !Number.isSafeInteger(sampling.seed)) {
    throw invalid(`sampling.seed is ${sampling.seed}, expected an integer`);
  }
}

function penaltiesOf(sampling: Sampling, limits: SamplerLimits): AddonSamplerConfig {
  if (sampling.presencePenalty === 0 && sampling.frequencyPenalty === 0) return {};
  return {
    // Only what was generated counts, not the prompt.
    repeatPenaltyTokens: new Uint32Array(),
    repeatPenaltyMaxTokens: limits.contextLength,
    repeatPenalty: 1,
    repeatPenaltyPresencePenalty: sampling.presencePenalty,
    repeatPenaltyFrequencyPenalty: sampling.frequencyPenalty,
  };
}

function biasOf({ logitBias }: Sampling, { vocabularySize, banned }: SamplerLimits): AddonSamplerConfig {
  const bias = new Map(banned.map((token) => [token, Number.NEGATIVE_INFINITY]));
  for (const [token, value] of logitBias ?? []) {
    if (!Number.isInteger(token) || token < 0 || token >= vocabularySize) {
      throw invalid(`sampling.logitBias has the token ${token}, expected an id below ${vocabularySize}`);
    }
    if (!Number.isFinite(value)) throw invalid(`sampling.logitBias of ${token} is ${value}, expected a number`);
    bias.set(token, (bias.get(token) ?? 0) + value);
  }
  if (bias.size === 0) return {};
  return { tokenBiasKeys: Uint32Array.from(bias.keys()), tokenBiasValues: Float32Array.from(bias.values()) };
}

function invalid(problem: string): HxpError {
  return new HxpError("ENGINE_REQUEST_INVALID", `The request cannot be sampled: ${problem}`);
}
