import type { LoadOptions } from "@hxp/engine";
import { describe, expect, test } from "vitest";
import { loadOptions, type TinyModel, writeTinyModel } from "../../test/tiny-model.ts";
import { type Addon } from "../addon/addon.ts";
import { loadAddon } from "../addon/load-addon.ts";
import { createLlamaEngine } from "../create-llama-engine.ts";
import { batchCells, cellsPerSequence, longestText } from "./plan-memory.ts";
import { readSettings } from "./read-settings.ts";

interface Measured {
  readonly weights: number;
  readonly context: number;
}

const shapes: readonly (readonly [title: string, model: Partial<TinyModel>])[] = [
  ["a plain shape", {}],
  ["as many heads of keys as of queries", { kvHeads: 4 }],
  ["many heads", { heads: 16, kvHeads: 4, width: 128 }],
  ["a large vocabulary", { words: 12_000 }],
  ["a wide feed-forward network", { feedForward: 2048 }],
  ["many layers", { layers: 9 }],
];
const sizes: readonly (readonly [title: string, options: Partial<LoadOptions>])[] = [
  ["one short sequence", { contextLength: 300, sequences: 1 }],
  ["eight sequences", { contextLength: 512, sequences: 8 }],
  ["a long context", { contextLength: 8192, sequences: 1 }],
  ["small batches", { contextLength: 2048, sequences: 2, settings: { batchSize: 64 } }],
  ["attention in several passes", { contextLength: 2048, sequences: 2, settings: { flashAttention: false } }],
];

describe.each(shapes)("for %s", (_, shape) => {
  test.each(sizes)(
    "with %s, weights are exact, and cache and compute are enough but not far too much",
    async (_title, change) => {
      await using model = await writeTinyModel(shape);
      const options = loadOptions(model.file, change);
      const plan = await createLlamaEngine().plan(options);
      const measured = await measure(await loadAddon("cpu", { onLog: () => {} }), options);
      expect(plan.weights).toBe(measured.weights);
      expect(plan.host).toBe(plan.weights + plan.cache + plan.compute);
      const compute = measured.context - plan.cache;
      expect(compute).toBeGreaterThan(0);
      expect(plan.compute).toBeGreaterThanOrEqual(compute);
      expect(plan.compute).toBeLessThan(2.5 * compute);
    },
  );
});

async function measure(addon: Addon, options: LoadOptions): Promise<Measured> {
  const settings = readSettings(options.settings);
  const model = new addon.AddonModel(options.file, {
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
    contextSize: cellsPerSequence(options.contextLength) * options.sequences,
    batchSize: batchCells(settings, options),
    sequences: options.sequences,
    threads: 1,
    embeddings: false,
    flashAttention: settings.flashAttention && "auto",
  });
  await context.init();
  const rows = longestText(settings, options);
  const embedding = new addon.AddonContext(model, {
    contextSize: cellsPerSequence(rows),
    batchSize: rows,
    sequences: 1,
    threads: 1,
    embeddings: true,
    flashAttention: false,
  });
  await embedding.init();
  const contexts = [context, embedding].map((each) => each.getMemoryBreakdown().cpuRam);
  const measured = { weights: model.getMemoryBreakdown().cpuRam, context: contexts[0]! + contexts[1]! };
  await embedding.dispose();
  await context.dispose();
  await model.dispose();
  return measured;
}

test("layers on a GPU take their weights and cache there, and an output matrix that is shared a second time", async () => {
  await using model = await writeTinyModel();
  const engine = createLlamaEngine();
  const host = await engine.plan(loadOptions(model.file));
  const split = await engine.plan(loadOptions(model.file, { gpuLayers: 2 }));
  const device = await engine.plan(loadOptions(model.file, { gpuLayers: 99 }));
  expect(host.device).toBe(0);
  expect(split.weights).toBe(host.weights);
  expect(split.device).toBeGreaterThan(split.cache / 2);
  expect(split.device).toBeLessThan(device.device);
  expect(device.device).toBeGreaterThan(device.cache + device.compute);
  expect(device.host).toBeLessThan(host.host);
});
