import type { GenerateEvent, GenerateRequest, LoadedModel, LoadOptions, ToolCall } from "@hxp/engine";
import { createLlamaEngine } from "../src/create-llama-engine.ts";
import { greedy, loadOptions, type TinyModel, writeTinyModel } from "./tiny-model.ts";

/** A tiny model in memory; it is unloaded and its file removed at the end of the scope. */
export async function useTinyModel(
  options: Partial<LoadOptions> = {},
  model: Partial<TinyModel> = {},
): Promise<AsyncDisposable & { model: LoadedModel }> {
  const written = await writeTinyModel(model);
  const loaded = await createLlamaEngine().load(loadOptions(written.file, options));
  return {
    model: loaded,
    [Symbol.asyncDispose]: async () => {
      await loaded.unload();
      await written[Symbol.asyncDispose]();
    },
  };
}

let requests = 0;

/** A request for 12 tokens of a text at temperature 0, but for what is changed. */
export function request(change: Partial<GenerateRequest> = {}): GenerateRequest {
  requests += 1;
  const prompt = { type: "text", text: "The quick brown fox" } as const;
  return { id: `request-${requests}`, prompt, sampling: greedy, stop: [], maxTokens: 12, ...change };
}

/** What an answer was, as a whole. */
export async function read(answer: AsyncIterable<GenerateEvent>): Promise<{
  text: string;
  calls: ToolCall[];
  reason: string;
  usage: GenerateEvent["usage"];
  events: GenerateEvent[];
}> {
  const events: GenerateEvent[] = [];
  for await (const event of answer) events.push(event);
  const end = events.at(-1)!;
  return {
    text: events.map((event) => (event.type === "text" ? event.text : "")).join(""),
    calls: events.flatMap((event) => (event.type === "tool-call" ? [event.call] : [])),
    reason: end.type === "end" ? end.reason : "none",
    usage: end.usage,
    events,
  };
}
