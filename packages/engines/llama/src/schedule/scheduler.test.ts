import type { LoadedModel } from "@hxp/engine";
import { describe, expect, test } from "vitest";
import { greedy, loadOptions, writeTinyModel } from "../../test/tiny-model.ts";
import { read, request, useTinyModel } from "../../test/use-tiny-model.ts";
import type { Addon, AddonContext } from "../addon/addon.ts";
import { loadAddon } from "../addon/load-addon.ts";
import type { Chooser, Job } from "./job.ts";
import { planBatch } from "./plan-batch.ts";
import { Scheduler } from "./scheduler.ts";

const texts = Array.from({ length: 8 }, (_, index) => `${"a prompt ".repeat(index * 3)}number ${index}`);
const ask = (model: LoadedModel, text: string): ReturnType<typeof read> =>
  read(model.generate(request({ prompt: { type: "text", text }, maxTokens: 24 })));

test("eight different requests at once get the tokens that they get one by one", async () => {
  await using alone = await useTinyModel({ sequences: 1 });
  const expected: string[] = [];
  for (const text of texts) expected.push((await ask(alone.model, text)).text);
  await using together = await useTinyModel({ sequences: 8 });
  const found = await Promise.all(texts.map((text) => ask(together.model, text)));
  expect(found.map(({ text }) => text)).toEqual(expected);
  expect(new Set(expected).size).toBeGreaterThan(4);
});

test("a prompt that is longer than a batch is read in parts, with the same answer", async () => {
  const prompt = { type: "text", text: "long ".repeat(100) } as const;
  await using whole = await useTinyModel();
  await using parts = await useTinyModel({ settings: { batchSize: 7 } });
  const [expected, found] = await Promise.all(
    [whole, parts].map(({ model }) => read(model.generate(request({ prompt })))),
  );
  expect(found!.text).toBe(expected!.text);
  expect(found!.usage.promptTokens).toBe(500);
});

test("a prompt that begins like the one before reuses its tokens, with the same answer", async () => {
  await using used = await useTinyModel({ sequences: 2 });
  const first = await ask(used.model, "a system prompt, and then one question");
  const second = await ask(used.model, "a system prompt, and then another question");
  expect(first.usage.cachedTokens).toBe(0);
  expect(second.usage.cachedTokens).toBe("a system prompt, and then ".length);
  await using fresh = await useTinyModel({ sequences: 2 });
  expect(second.text).toBe((await ask(fresh.model, "a system prompt, and then another question")).text);
  const { promptTokens, cachedTokens, completionTokens } = used.model.metrics();
  expect({ promptTokens, cachedTokens, completionTokens }).toEqual({
    promptTokens: first.usage.promptTokens + second.usage.promptTokens,
    cachedTokens: second.usage.cachedTokens,
    completionTokens: 48,
  });
});

test("the very same prompt again computes only its last token", async () => {
  await using used = await useTinyModel({ sequences: 1 });
  const [first, second] = [await ask(used.model, "the same"), await ask(used.model, "the same")];
  expect(second.usage).toEqual({ ...first.usage, cachedTokens: "the same".length - 1 });
  expect(second.text).toBe(first.text);
});

test("the event loop goes on while a long prompt is read", async () => {
  await using used = await useTinyModel({ contextLength: 2048, settings: { batchSize: 32 } });
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 1);
  await ask(used.model, "x".repeat(2000));
  clearInterval(timer);
  expect(turns).toBeGreaterThan(10);
});

describe("a step", () => {
  const writing = (sequence: number) => ({ sequence, tokens: Uint32Array.of(1), isPrompt: false });
  const reading = (sequence: number, length: number) => ({ sequence, tokens: new Uint32Array(length), isPrompt: true });
  const limits = { batchSize: 10, promptChunk: 3 };
  const shape = (pending: Parameters<typeof planBatch>[0]): [number, number, boolean][] =>
    planBatch(pending, limits).map(({ sequence, tokens, hasOutput }) => [sequence, tokens.length, hasOutput]);

  test("gives prompts the whole batch while nothing is written", () => {
    expect(shape([reading(0, 6), reading(1, 9)])).toEqual([
      [0, 6, true],
      [1, 4, false],
    ]);
  });

  test("gives prompts a small part while answers are written", () => {
    expect(shape([reading(0, 2), writing(1), reading(2, 9)])).toEqual([
      [1, 1, true],
      [0, 2, true],
      [2, 1, false],
    ]);
  });

  test("is empty when there is nothing to do", () => {
    expect(shape([])).toEqual([]);
  });
});

test("prompts are read in the order in which their turn came, whatever sequence they have", async () => {
  await using used = await useTinyModel({ sequences: 3, contextLength: 1024, settings: { batchSize: 16 } });
  const order: string[] = [];
  const start = async (name: string, length: number): Promise<void> => {
    const prompt = { type: "text", text: name.repeat(length) } as const;
    for await (const event of used.model.generate(request({ prompt, maxTokens: 1 }))) {
      if (event.type === "start") order.push(name);
    }
  };
  // The third gets the sequence of the first, before the one of the second.
  const [first, second] = [start("a", 20), start("b", 600)];
  await first;
  await Promise.all([second, start("c", 900)]);
  expect(order).toEqual(["a", "b", "c"]);
});

describe("a batch that cannot be decoded", () => {
  test("fails the request that is at fault, and no other", async () => {
    await using opened = await openContext();
    const poison = 42;
    const context = poisoned(opened.context, poison);
    const scheduler = new Scheduler({ context, sequences: 3, contextLength: 256, batchSize: 64, promptChunk: 64 });
    const jobs = [
      [1, 2, 3],
      [4, poison, 5],
      [6, 7],
    ].map((prompt) => createJob({ ...opened, context }, prompt));
    for (const { job } of jobs) scheduler.add(job);
    const outcomes = await Promise.all(jobs.map(({ outcome }) => outcome));
    expect(outcomes).toEqual([4, expect.objectContaining({ code: "ENGINE_FAILED" }), 4]);
    expect(scheduler.running).toBe(0);
    const next = createJob({ ...opened, context }, [8, 9]);
    scheduler.add(next.job);
    expect(await next.outcome).toBe(4);
    await scheduler.close();
  });
});

async function openContext(): Promise<
  AsyncDisposable & { addon: Addon; model: InstanceType<Addon["AddonModel"]>; context: AddonContext }
> {
  const written = await writeTinyModel();
  const addon = await loadAddon("cpu", { onLog: () => {} });
  const model = new addon.AddonModel(loadOptions(written.file).file, {
    addonExports: addon,
    gpuLayers: 0,
    useMmap: true,
    useMlock: false,
    hasLoadAbortSignal: false,
    onLoadProgress: () => {},
    overridesList: [],
  });
  await model.init();
  const context = new addon.AddonContext(model, {
    contextSize: 768,
    batchSize: 64,
    sequences: 3,
    threads: 1,
    embeddings: false,
    flashAttention: false,
  });
  await context.init();
  return {
    addon,
    model,
    context,
    [Symbol.asyncDispose]: async () => {
      await context.dispose();
      await model.dispose();
      await written[Symbol.asyncDispose]();
    },
  };
}

/** A context whose decoding fails when a batch has the token. */
function poisoned(context: AddonContext, token: number): AddonContext {
  let isPoisoned = false;
  return new Proxy(context, {
    get: (target, key) => {
      if (key === "initBatch") {
        return (size: number) => {
          isPoisoned = false;
          target.initBatch(size);
        };
      }
      if (key === "addToBatch") {
        return (...batch: Parameters<AddonContext["addToBatch"]>) => {
          isPoisoned ||= batch[2].includes(token);
          return target.addToBatch(...batch);
        };
      }
      if (key === "decodeBatch") {
        return () => (isPoisoned ? Promise.reject(new Error("Eval has failed")) : target.decodeBatch());
      }
      const value: unknown = Reflect.get(target, key);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** A job of four tokens; its outcome is their number or the error. */
function createJob(
  { addon, model, context }: { addon: Addon; model: InstanceType<Addon["AddonModel"]>; context: AddonContext },
  prompt: readonly number[],
): { job: Job; outcome: Promise<unknown> } {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const createChooser = (): Chooser => {
    const sampler = new addon.AddonSampler(model);
    sampler.applyConfig({ temperature: greedy.temperature });
    return {
      choose: async (output) => ({ token: await context.sampleToken(output, sampler), logprobs: undefined }),
      dispose: () => sampler.dispose(),
    };
  };
  const job: Job = {
    id: `job-${prompt.join("-")}`,
    prompt: Uint32Array.from(prompt),
    createChooser,
    onStart: () => {},
    onToken: (_, { completionTokens }) => {
      if (completionTokens < 4) return false;
      resolve(completionTokens);
      return true;
    },
    onFail: resolve,
  };
  return { job, outcome: promise };
}
