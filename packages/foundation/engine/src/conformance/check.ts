import { isHxpError } from "@hxp/errors";
import type { Engine, LoadedModel, LoadOptions } from "../engine.ts";
import type { GenerateEvent, GenerateRequest, Prompt, Sampling, Usage } from "../generate.ts";

/** One check: a sentence, and what throws when it is not true. */
export interface ConformanceCheck<Model = LoadedModel> {
  readonly check: string;
  readonly run: (context: CheckContext<Model>) => Promise<void>;
}

/** What a check works with. */
export interface CheckContext<Model = LoadedModel> {
  readonly engine: Engine;
  readonly load: LoadOptions;
  readonly model: Model;
  readonly prompt: Prompt;
  readonly sampling: Sampling;
}

/** Thrown by a check whose sentence is not true. */
export class CheckFailed extends Error {
  override readonly name = "CheckFailed";
}

/** Thrown by a check that has nothing to check. */
export class NotRun extends Error {
  override readonly name = "NotRun";
}

/** Throws {@link CheckFailed} unless the condition holds. */
export function expectThat(condition: boolean, problem: string): asserts condition {
  if (!condition) throw new CheckFailed(problem);
}

/** Tokens of an answer that a check asks for where it needs no more. */
const shortAnswer = 12;

let requests = 0;

/** A request with an id of its own. */
export function createRequest(
  { prompt, sampling }: Pick<CheckContext<unknown>, "prompt" | "sampling">,
  change: Partial<GenerateRequest> = {},
): GenerateRequest {
  requests += 1;
  return { id: `check-${requests}`, prompt, sampling, stop: [], maxTokens: shortAnswer, ...change };
}

/** An answer that has ended. */
export interface Collected {
  readonly events: readonly GenerateEvent[];
  readonly text: string;
  readonly usage: Usage;
  readonly reason: string;
}

/** Reads an answer to its end, and checks that it has exactly one, as its last event. */
export async function collect(answer: AsyncIterable<GenerateEvent>): Promise<Collected> {
  const events: GenerateEvent[] = [];
  for await (const event of answer) events.push(event);
  const end = events.at(-1);
  expectThat(end?.type === "end", `the last event is ${JSON.stringify(end)}, expected the type end`);
  const ends = events.filter(({ type }) => type === "end").length;
  expectThat(ends === 1, `there are ${ends} end events, expected one`);
  const text = events.map((event) => (event.type === "text" ? event.text : "")).join("");
  return { events, text, usage: end.usage, reason: end.reason };
}

/** Checks that work throws the error of a code. */
export async function expectError(work: Promise<unknown>, code: Parameters<typeof isHxpError>[1]): Promise<void> {
  const outcome = await work.then(
    () => "ended well",
    (error: unknown) => error,
  );
  expectThat(isHxpError(outcome, code), `${String(outcome)}, expected the error ${String(code)}`);
}

/** Waits until a condition holds; the check's own timeout is the limit. */
export async function waitUntil(holds: () => boolean): Promise<void> {
  while (!holds()) {
    await new Promise((resolve) => {
      setTimeout(resolve, 2);
    });
  }
}
