import type { LoadedModel } from "@hxp/engine";
import { boundAnswer } from "../load/bound-answer.ts";

/** A question with the answer that a model is known to give. */
export interface KnownAnswer {
  readonly prompt: string;
  /** How the answer begins. */
  readonly answer: string;
}

/** How a model answered one question. */
export interface TestedAnswer {
  readonly prompt: string;
  readonly expected: string;
  readonly actual: string;
  readonly passed: boolean;
  /** The model would have gone on: `actual` is how its answer begins. */
  readonly cut: boolean;
  readonly tokens: number;
  readonly durationMs: number;
}

/** What {@link testModel} takes. */
export interface TestOptions {
  readonly model: LoadedModel;
  readonly questions: readonly KnownAnswer[];
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds. */
  readonly clock?: (() => number) | undefined;
}

/**
 * Asks a loaded model questions, one after the other and without chance (temperature 0), and compares the answers. A model that
 * goes on is cut when it has had room for the expected answer.
 */
export async function testModel(options: TestOptions): Promise<readonly TestedAnswer[]> {
  const results: TestedAnswer[] = [];
  for (const question of options.questions) results.push(await ask(options, question));
  return results;
}

const sampling = { temperature: 0, topP: 1, topK: 0, minP: 0, presencePenalty: 0, frequencyPenalty: 0 };

async function ask(
  { model, signal, clock = () => performance.now() }: TestOptions,
  { prompt, answer }: KnownAnswer,
): Promise<TestedAnswer> {
  const began = clock();
  const chat = { type: "chat", messages: [{ role: "user", content: prompt }] } as const;
  const text = { type: "text", text: prompt } as const;
  const maxTokens = boundAnswer(answer, model);
  const request = { id: "test", prompt: model.info.capabilities.chat ? chat : text, sampling, stop: [], maxTokens };
  let actual = "";
  let tokens = 0;
  let cut = false;
  for await (const event of model.generate(request, signal)) {
    if (event.type === "text") actual += event.text;
    if (event.type === "end") cut = event.reason === "length";
    tokens = event.usage.completionTokens;
  }
  signal?.throwIfAborted();
  const passed = actual.trim().startsWith(answer.trim());
  return { prompt, expected: answer, actual, passed, cut, tokens, durationMs: clock() - began };
}
