import type { GenerateEvent } from "../generate.ts";
import {
  type CheckContext,
  type Collected,
  collect,
  type ConformanceCheck,
  createRequest,
  expectThat,
  waitUntil,
} from "./check.ts";

/** Checks of requests that are given up. */
export const abortChecks: readonly ConformanceCheck[] = [
  {
    check: "An abort in an answer ends it with the reason aborted and the usage so far",
    run: async (context) => {
      const { usage, reason } = await abortAfterText(context);
      expectThat(reason === "aborted", `the reason is ${reason}`);
      expectThat(usage.promptTokens > 0 && usage.completionTokens > 0, `the usage is ${JSON.stringify(usage)}`);
      await expectIdle(context);
    },
  },
  {
    check: "An abort before the beginning gives an end and nothing else",
    run: async (context) => {
      const { events, reason } = await collect(context.model.generate(createRequest(context), AbortSignal.abort()));
      expectThat(events.length === 1 && reason === "aborted", `the events are ${JSON.stringify(events)}`);
      await expectIdle(context);
    },
  },
  {
    check: "An abort while waiting ends the request with no tokens, and the others go on",
    run: async (context) => {
      const others = Array.from({ length: context.load.sequences }, () => collect(longAnswer(context)));
      const controller = new AbortController();
      const last = collect(longAnswer(context, controller.signal));
      controller.abort();
      const { usage, reason } = await last;
      expectThat(reason === "aborted", `the reason is ${reason}`);
      expectThat(usage.completionTokens === 0, `it took ${usage.completionTokens} tokens`);
      const reasons = (await Promise.all(others)).map((other) => other.reason);
      expectThat(!reasons.includes("aborted"), `the others ended with ${reasons.join(", ")}`);
    },
  },
  {
    check: "Leaving the loop frees the sequence",
    run: async (context) => {
      for await (const event of longAnswer(context)) if (event.type === "text") break;
      await expectIdle(context);
    },
  },
  {
    check: "An abort after the end changes nothing",
    run: async (context) => {
      const controller = new AbortController();
      const { reason } = await collect(context.model.generate(createRequest(context), controller.signal));
      const before = context.model.metrics().ended;
      controller.abort();
      const after = context.model.metrics().ended;
      expectThat(reason !== "aborted" && before.aborted === after.aborted, `it ended with ${reason}, and then again`);
    },
  },
];

function longAnswer(context: CheckContext, signal?: AbortSignal): ReturnType<CheckContext["model"]["generate"]> {
  return context.model.generate(createRequest(context, { maxTokens: 16 }), signal);
}

async function abortAfterText(context: CheckContext): Promise<Collected> {
  const controller = new AbortController();
  const source = longAnswer(context, controller.signal);
  async function* watched(): AsyncGenerator<GenerateEvent> {
    for await (const event of source) {
      if (event.type === "text") controller.abort();
      yield event;
    }
  }
  return collect(watched());
}

async function expectIdle(context: CheckContext): Promise<void> {
  await waitUntil(() => {
    const { running, waiting } = context.model.metrics();
    return running === 0 && waiting === 0;
  });
  const { text } = await collect(context.model.generate(createRequest(context)));
  expectThat(text !== "", "the next request has no text");
}
