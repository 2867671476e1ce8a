import type { GenerateRequest } from "@hxp/engine";
import { HxpError } from "@hxp/errors";
import { type SimulatorClock, systemClock } from "./clock.ts";

/** What goes wrong while one answer is generated, when `atToken` tokens are there. */
export type EngineFault =
  /** ENGINE_FAILED is thrown. */
  | { readonly type: "fail"; readonly atToken: number }
  /** No further token comes, until the request is aborted. */
  | { readonly type: "stall"; readonly atToken: number }
  /** From there on each token takes `factor` times as long. */
  | { readonly type: "slow"; readonly atToken: number; readonly factor: number };

/** What can be set as `settings` of a model in `hxp.yaml`, too. */
export interface SimulatorSettings {
  /** Decides on every text that is made up; default 1. */
  readonly seed?: number | undefined;
  /** Milliseconds from a request's turn to its first token; default 0. */
  readonly timeToFirstTokenMs?: number | undefined;
  /** Of one sequence; default 0: as fast as the computer can. */
  readonly tokensPerSecond?: number | undefined;
  /** Tokens that the cache holds for all sequences together; default: a whole context for each sequence. */
  readonly cacheTokens?: number | undefined;
  /** Fewest and most tokens of an answer that is made up; default [8, 24]. */
  readonly answerTokens?: readonly [least: number, most: number] | undefined;
  /** Answers by the text of the last message; default none. */
  readonly answers?: Readonly<Record<string, string>> | undefined;
  /** Length of an embedding; default 32; 0: the model makes none. */
  readonly embeddingLength?: number | undefined;
}

/** What a simulator is made with. */
export interface SimulatorOptions extends SimulatorSettings {
  /** The fault of a request; `index` counts the requests from 0. Default: none has one. */
  readonly fault?: ((request: GenerateRequest, index: number) => EngineFault | undefined) | undefined;
  /** Default {@link systemClock}. */
  readonly clock?: SimulatorClock | undefined;
}

/** {@link SimulatorOptions} with every default. */
export type ResolvedOptions = Defined<Omit<SimulatorOptions, "cacheTokens">> & Pick<SimulatorOptions, "cacheTokens">;

type Defined<Options> = { readonly [Name in keyof Options]-?: Exclude<Options[Name], undefined> };

/** Lays the settings of a model over the options of the engine. Throws ENGINE_REQUEST_INVALID for one that is unknown or wrong. */
export function resolveOptions(
  options: SimulatorOptions,
  settings: Readonly<Record<string, unknown>> = {},
): ResolvedOptions {
  for (const [name, value] of Object.entries(settings)) checkSetting(name, value);
  return {
    seed: 1,
    timeToFirstTokenMs: 0,
    tokensPerSecond: 0,
    answerTokens: [8, 24],
    answers: {},
    embeddingLength: 32,
    cacheTokens: undefined,
    fault: () => undefined,
    clock: systemClock,
    ...dropUndefined(options),
    ...dropUndefined(settings),
  };
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
const isAmount = (value: unknown): boolean => typeof value === "number" && value >= 0 && Number.isFinite(value);

const checks: Readonly<
  Record<keyof SimulatorSettings, readonly [check: (value: unknown) => boolean, expected: string]>
> = {
  seed: [isCount, "a whole number from 0"],
  timeToFirstTokenMs: [isAmount, "milliseconds, a number from 0"],
  tokensPerSecond: [isAmount, "a number from 0"],
  cacheTokens: [isCount, "a whole number from 0"],
  answerTokens: [isRange, "two whole numbers, the fewest and the most"],
  answers: [isTexts, "a map from texts to texts"],
  embeddingLength: [isCount, "a whole number from 0"],
};

function checkSetting(name: string, value: unknown): void {
  const known = Object.entries(checks).find(([each]) => each === name)?.[1];
  if (known === undefined) {
    const names = Object.keys(checks).join(", ");
    throw new HxpError("ENGINE_REQUEST_INVALID", `The simulator has no setting ${name}; expected one of ${names}.`);
  }
  const [check, expected] = known;
  if (check(value)) return;
  throw new HxpError(
    "ENGINE_REQUEST_INVALID",
    `The simulator's setting ${name} is ${JSON.stringify(value)}, expected ${expected}.`,
  );
}

function isRange(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && value.every(isCount) && value[0] <= value[1];
}

function isTexts(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.values(value).every((each) => typeof each === "string");
}

function dropUndefined<Options extends object>(options: Options): Partial<Defined<Options>> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<
    Defined<Options>
  >;
}
