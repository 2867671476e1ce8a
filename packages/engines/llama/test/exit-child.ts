import type { LoadedModel } from "@hxp/engine";
import { createLlamaEngine } from "../src/create-llama-engine.ts";
import { greedy, loadOptions } from "./tiny-model.ts";

/** Run as a child: `exit-child.ts <how> <file>` works with a model and ends in one of several ways. */
const [, , how = "", file = ""] = process.argv;
const engine = createLlamaEngine();
const options = loadOptions(file);

const answer = (model: LoadedModel, maxTokens: number): AsyncIterable<unknown> =>
  model.generate({ id: "1", prompt: { type: "text", text: "abc" }, sampling: greedy, stop: [], maxTokens });
const drain = async (events: AsyncIterable<unknown>): Promise<void> => {
  for await (const event of events) void event;
};

const ways: Record<string, () => Promise<void>> = {
  unload: async () => {
    const model = await engine.load(options);
    await drain(answer(model, 8));
    await model.unload();
  },
  end: async () => drain(answer(await engine.load(options), 8)),
  exit: async () => {
    const model = await engine.load(options);
    const events = answer(model, 900)[Symbol.asyncIterator]();
    for (let count = 0; count < 5; count += 1) await events.next();
    void events.next();
    console.log(how);
    process.exit(0);
  },
  load: async () => {
    void engine.load(options);
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
    console.log(how);
    process.exit(0);
  },
  again: async () => {
    const round = async (): Promise<number> => {
      const model = await engine.load(options);
      await drain(answer(model, 4));
      await model.embed({ id: "2", texts: ["abc"] });
      await model.unload();
      globalThis.gc?.();
      return process.memoryUsage().rss;
    };
    for (let count = 0; count < 10; count += 1) await round();
    const before = await round();
    for (let count = 0; count < 20; count += 1) await round();
    const grown = (await round()) - before;
    if (grown > 30 * 2 ** 20) console.error(`grew by ${grown} bytes`);
  },
  busy: async () => {
    const model = await engine.load(options);
    const answers = Array.from({ length: 6 }, () => drain(answer(model, 900)));
    const vectors = model.embed({ id: "2", texts: Array.from({ length: 50 }, () => "abc") }).catch(() => {});
    const other = engine.load(options);
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
    await model.unload();
    await Promise.all([...answers, vectors]);
    await (await other).unload();
  },
};

await ways[how]?.();
console.log(how);
