import { HxpError } from "@hxp/errors";

/** The settings that only this engine has: what `settings` of the load options may hold. */
export interface LlamaSettings {
  /** Most tokens that are computed in one step, of all requests together. Default 512. */
  readonly batchSize: number;
  /** Most prompt tokens in a step while other requests are being answered, so that their streams go on. Default 128. */
  readonly promptChunk: number;
  /** Whether attention is computed in one pass where the backend can: twice as fast for many sequences, and less memory. Default true. */
  readonly flashAttention: boolean;
  /** Whether the weights are read from the file's pages on demand. Default true. */
  readonly mmap: boolean;
  /** Whether the weights are kept from being swapped out. Default false. */
  readonly lockMemory: boolean;
}

const defaults: LlamaSettings = {
  batchSize: 512,
  promptChunk: 128,
  flashAttention: true,
  mmap: true,
  lockMemory: false,
};
const largestBatch = 2 ** 16;

/** Reads settings, all problems at once. Throws ENGINE_REQUEST_INVALID. */
export function readSettings(settings: Readonly<Record<string, unknown>> = {}): LlamaSettings {
  const problems = Object.entries(settings).flatMap(([key, value]) => problemOf(key, value));
  if (problems.length > 0) {
    throw new HxpError(
      "ENGINE_REQUEST_INVALID",
      `The settings of the llama engine are not valid: ${problems.join("; ")}`,
    );
  }
  return { ...defaults, ...settings };
}

function problemOf(key: string, value: unknown): string[] {
  if (!Object.hasOwn(defaults, key)) return [`${key} is unknown, expected ${Object.keys(defaults).join(", ")}`];
  const isNumber = key === "batchSize" || key === "promptChunk";
  const isGood = isNumber
    ? typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= largestBatch
    : typeof value === "boolean";
  const expected = isNumber ? `an integer from 1 to ${largestBatch}` : "true or false";
  return isGood ? [] : [`${key} is ${JSON.stringify(value)}, expected ${expected}`];
}
