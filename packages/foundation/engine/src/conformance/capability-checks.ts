import type { Capabilities } from "../engine.ts";
import type { GenerateRequest, Tool } from "../generate.ts";
import {
  type CheckContext,
  type Collected,
  collect,
  type ConformanceCheck,
  createRequest,
  expectError,
  expectThat,
  NotRun,
} from "./check.ts";

const tool: Tool = {
  name: "set_light",
  description: "Switches a light.",
  parameters: {
    type: "object",
    properties: { on: { type: "boolean" }, room: { enum: ["hall", "roof"] } },
    required: ["on", "room"],
    additionalProperties: false,
  },
};
const messages = [{ role: "user", content: "Light in the hall, please." }] as const;

/** Checks of what a model says it can do. */
export const capabilityChecks: readonly ConformanceCheck[] = [
  {
    check: "Output that is bound to a JSON schema parses and fits",
    run: async (context) => {
      const constraint = { type: "json_schema", schema: { enum: ["red", "green"] } } as const;
      const { text } = await whenCapable(context, "grammar", { constraint });
      const value: unknown = JSON.parse(text);
      expectThat(value === "red" || value === "green", `the text is ${JSON.stringify(text)}`);
    },
  },
  {
    check: "A tool that must be called is called with arguments that fit",
    run: async (context) => {
      const prompt = { type: "chat", messages, tools: [tool], toolChoice: { name: tool.name } } as const;
      const { events, reason } = await whenCapable(context, "tools", { prompt, maxTokens: undefined });
      const calls = events.flatMap((event) => (event.type === "tool-call" ? [event.call] : []));
      expectThat(calls.length === 1 && reason === "tool_calls", `${calls.length} calls, and the reason ${reason}`);
      const given: unknown = JSON.parse(calls[0]?.arguments ?? "");
      const fits = typeof given === "object" && given !== null && "on" in given && typeof given.on === "boolean";
      expectThat(calls[0]?.name === tool.name && fits, `the call is ${JSON.stringify(calls[0])}`);
    },
  },
  {
    check:
      "A tool that must be called is told as a call with the reason length, and not as text, when maxTokens cuts it",
    run: async (context) => {
      const prompt = { type: "chat", messages, tools: [tool], toolChoice: { name: tool.name } } as const;
      const { events, text, reason } = await whenCapable(context, "tools", { prompt, maxTokens: 2 });
      const calls = events.flatMap((event) => (event.type === "tool-call" ? [event] : []));
      const found = `${calls.length} calls, the text ${JSON.stringify(text)} and the reason ${reason}`;
      expectThat(calls.length === 1 && text === "" && reason === "length", found);
      const [cut] = calls;
      const isTold = cut?.isCut === true && cut.call.name === tool.name && !isJson(cut.call.arguments);
      expectThat(isTold, `the call is ${JSON.stringify(cut)}`);
    },
  },
  {
    check: "Log probabilities come with each token, and the bytes make the text",
    run: async (context) => {
      const { events, text, usage } = await whenCapable(context, "logprobs", { topLogprobs: 2 });
      const tokens = events.flatMap((event) => (event.type === "text" ? (event.logprobs ?? []) : []));
      const bytes = Buffer.from(tokens.flatMap((token) => token.bytes)).toString("utf8");
      expectThat(bytes === text, `the bytes are ${JSON.stringify(bytes)}, the text ${JSON.stringify(text)}`);
      expectThat(tokens.length <= usage.completionTokens, `${tokens.length} tokens, ${usage.completionTokens} counted`);
      const isRight = tokens.every(({ logprob, top }) => logprob <= 1e-3 && top.length === 2 && isDescending(top));
      expectThat(isRight, `a token is not right: ${JSON.stringify(tokens[0])}`);
    },
  },
  {
    check: "Embeddings are vectors of length 1, in the order of the texts",
    run: async ({ model }) => {
      const texts = ["one text", "quite another", "one text"];
      if (!model.info.capabilities.embeddings) {
        await expectError(model.embed({ id: "check", texts }), "ENGINE_UNSUPPORTED");
        return;
      }
      const { vectors, promptTokens } = await model.embed({ id: "check", texts });
      expectThat(
        vectors.length === texts.length && promptTokens > 0,
        `${vectors.length} vectors, ${promptTokens} tokens`,
      );
      for (const vector of vectors) {
        expectThat(vector.length === model.info.embeddingLength, `a vector has ${vector.length} values`);
        const length = Math.hypot(...vector);
        expectThat(Math.abs(length - 1) < 1e-3, `a vector has the length ${length}`);
      }
      const [first, second, third] = vectors.map((vector) => vector.map((value) => value.toFixed(3)).join());
      expectThat(first === third && first !== second, "the same text has another vector, or another text the same");
    },
  },
];

/** Runs a request if the model can; else checks that it is refused. */
async function whenCapable(
  context: CheckContext,
  capability: keyof Capabilities,
  change: Partial<GenerateRequest>,
): Promise<Collected> {
  const answer = context.model.generate(createRequest(context, change));
  if (context.model.info.capabilities[capability]) return collect(answer);
  await expectError(collect(answer), "ENGINE_UNSUPPORTED");
  throw new NotRun(`the model has no ${capability}, and says so`);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isDescending(top: readonly { logprob: number }[]): boolean {
  return top.every(({ logprob }, index) => logprob <= (top[index - 1]?.logprob ?? Number.POSITIVE_INFINITY));
}
