import type { GenerateEvent, Usage } from "../generate.ts";
import {
  type CheckContext,
  collect,
  type ConformanceCheck,
  createRequest,
  expectError,
  expectThat,
  NotRun,
} from "./check.ts";

/** Checks of one answer. */
export const answerChecks: readonly ConformanceCheck[] = [
  {
    check: "An answer is a start, then text, then one end",
    run: async (context) => {
      const { events, text } = await collect(context.model.generate(createRequest(context)));
      expectThat(events[0]?.type === "start", `the first event is ${JSON.stringify(events[0])}`);
      expectThat(text !== "", "there is no text");
      expectThat(events.filter(({ type }) => type === "start").length === 1, "there are several start events");
    },
  },
  {
    check: "Usage only grows, and counts the prompt from the start",
    run: async (context) => {
      const { events, usage } = await collect(context.model.generate(createRequest(context)));
      expectThat(usage.promptTokens > 0 && usage.completionTokens > 0, `the usage is ${JSON.stringify(usage)}`);
      events.reduce((before, event) => {
        expectUsage(event, before, usage);
        return event.usage;
      }, events[0]?.usage ?? usage);
    },
  },
  {
    check: "An answer of maxTokens tokens ends with the reason length",
    run: async (context) => {
      const { usage, reason } = await collect(context.model.generate(createRequest(context, { maxTokens: 3 })));
      const found = `${usage.completionTokens} tokens and the reason ${reason}`;
      expectThat(usage.completionTokens === 3 && reason === "length", found);
    },
  },
  {
    check: "The same prompt gives the same answer at temperature 0",
    run: async (context) => {
      const sampling = { ...context.sampling, temperature: 0 };
      const [first, second] = [await answer(context, { sampling }), await answer(context, { sampling })];
      expectThat(first === second, `${JSON.stringify(first)} and then ${JSON.stringify(second)}`);
    },
  },
  {
    check: "The same seed gives the same answer",
    run: async (context) => {
      const sampling = { ...context.sampling, temperature: 1, seed: 42 };
      const [first, second] = [await answer(context, { sampling }), await answer(context, { sampling })];
      expectThat(first === second, `${JSON.stringify(first)} and then ${JSON.stringify(second)}`);
    },
  },
  {
    check: "An answer ends before a stop text, which is not part of it",
    run: async (context) => {
      const whole = await answer(context);
      const characters = Array.from(whole);
      const stop = characters.slice(2, 5).join("");
      if (stop === "") throw new NotRun("the answer is too short");
      const { text, reason } = await collect(
        context.model.generate(createRequest(context, { stop: ["\u{FFFFD}", stop] })),
      );
      const expected = whole.slice(0, whole.indexOf(stop));
      expectThat(text === expected && reason === "stop", `${JSON.stringify(text)} with the reason ${reason}`);
    },
  },
  {
    check: "A prompt that is too long throws ENGINE_CONTEXT_EXCEEDED before the first event",
    run: async (context) => {
      const prompt = { type: "text", text: "many words ".repeat(context.load.contextLength) } as const;
      await expectFirst(context, { prompt }, "ENGINE_CONTEXT_EXCEEDED");
    },
  },
  {
    check: "An answer that would not fit into the context throws ENGINE_CONTEXT_EXCEEDED",
    run: (context) => expectFirst(context, { maxTokens: context.load.contextLength }, "ENGINE_CONTEXT_EXCEEDED"),
  },
  {
    check: "A request that makes no sense throws ENGINE_REQUEST_INVALID",
    run: async (context) => {
      await expectFirst(context, { maxTokens: 0 }, "ENGINE_REQUEST_INVALID");
      await expectFirst(context, { sampling: { ...context.sampling, temperature: -1 } }, "ENGINE_REQUEST_INVALID");
      await expectFirst(context, { sampling: { ...context.sampling, topP: 2 } }, "ENGINE_REQUEST_INVALID");
    },
  },
  {
    check: "Metrics grow by what the usage says",
    run: async (context) => {
      const before = context.model.metrics();
      const { usage } = await collect(context.model.generate(createRequest(context)));
      const after = context.model.metrics();
      for (const key of ["promptTokens", "cachedTokens", "completionTokens"] as const) {
        const grown = after[key] - before[key];
        expectThat(grown === usage[key], `${key} grew by ${grown}, the usage says ${usage[key]}`);
      }
      const ended = sum(after.ended) - sum(before.ended);
      expectThat(ended === 1, `${ended} requests ended, expected one`);
    },
  },
  {
    check: "Tokens of a text are counted, and none of an empty one",
    run: async ({ model }) => {
      expectThat(model.countTokens("") === 0, `an empty text has ${model.countTokens("")} tokens`);
      const [one, more] = [model.countTokens("word"), model.countTokens("word word word")];
      expectThat(one > 0 && more > one, `one word has ${one} tokens, three have ${more}`);
    },
  },
];

async function answer(context: CheckContext, change: Parameters<typeof createRequest>[1] = {}): Promise<string> {
  return (await collect(context.model.generate(createRequest(context, change)))).text;
}

async function expectFirst(
  context: CheckContext,
  change: Parameters<typeof createRequest>[1],
  code: Parameters<typeof expectError>[1],
): Promise<void> {
  const answers = context.model.generate(createRequest(context, change))[Symbol.asyncIterator]();
  await expectError(answers.next(), code);
}

function expectUsage({ usage }: GenerateEvent, before: Usage, last: Usage): void {
  const isSame = usage.promptTokens === last.promptTokens && usage.cachedTokens === last.cachedTokens;
  expectThat(isSame, `the prompt is ${JSON.stringify(usage)} and at the end ${JSON.stringify(last)}`);
  const isGrowing = usage.completionTokens >= before.completionTokens;
  expectThat(isGrowing, `the tokens went from ${before.completionTokens} to ${usage.completionTokens}`);
  expectThat(usage.cachedTokens <= usage.promptTokens, `more was cached than read: ${JSON.stringify(usage)}`);
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
