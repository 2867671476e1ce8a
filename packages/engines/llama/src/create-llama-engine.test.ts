import { readFile, writeFile } from "node:fs/promises";
import type { LoadOptions } from "@hxp/engine";
import { checkEngine } from "@hxp/engine/conformance";
import { describe, expect, test } from "vitest";
import { loadOptions, writeTinyModel } from "../test/tiny-model.ts";
import { createLlamaEngine } from "./create-llama-engine.ts";

test("it does all that the seam promises", async () => {
  await using model = await writeTinyModel();
  const results = await checkEngine(createLlamaEngine(), { load: loadOptions(model.file) });
  expect(results.filter(({ verdict }) => verdict !== "passed")).toEqual([]);
  expect(results.length).toBeGreaterThan(25);
});

describe("a load is refused", () => {
  test("of a file without a tensor that the model needs, in llama.cpp's words", async () => {
    await using model = await writeTinyModel();
    const bytes = await readFile(model.file);
    bytes.write("blk.9", bytes.indexOf("blk.1.ffn_up"));
    await writeFile(model.file, bytes);
    await expect(createLlamaEngine().load(loadOptions(model.file))).rejects.toMatchObject({
      code: "MODEL_FILE_INVALID",
      message: expect.stringMatching(/llama.cpp says: .*blk\.1\.ffn_up\.weight/) as string,
    });
  });

  test("of an architecture that llama.cpp does not know", async () => {
    await using model = await writeTinyModel();
    const bytes = await readFile(model.file);
    const renamed = Buffer.from(bytes.toString("latin1").replaceAll("llama", "lemma"), "latin1");
    await writeFile(model.file, renamed);
    await expect(createLlamaEngine().load(loadOptions(model.file))).rejects.toMatchObject({
      code: "MODEL_FILE_INVALID",
      message: expect.stringContaining("lemma") as string,
    });
  });

  test.each<[variant: string, message: RegExp, hint: RegExp]>([
    ["cuda", /@node-llama-cpp\/\S+-cuda is not installed/, /npm install @node-llama-cpp\/\S+-cuda@3\.22\.1$/],
    ["../../evil", /no variant "\.\.\/\.\.\/evil"/, /./],
  ])("of the variant %s, which is not here", async (variant, message, hint) => {
    await using model = await writeTinyModel();
    await expect(createLlamaEngine().load(loadOptions(model.file, { variant }))).rejects.toMatchObject({
      code: "ENGINE_UNAVAILABLE",
      message: expect.stringMatching(message) as string,
      hint: expect.stringMatching(hint) as string,
    });
  });

  test.each<[version: string, problem: string]>([
    ["3.22.1", "does not run on this computer"],
    ["3.22.0", "is installed in version 3.22.0: the engine needs 3.22.1"],
  ])("of an add-on that does not run here, in version %s", async (packageVersion, problem) => {
    await using model = await writeTinyModel();
    const engine = createLlamaEngine({
      importPackage: () => Promise.resolve({ getBinsDir: () => ({ binsDir: "/nowhere", packageVersion }) }),
    });
    await expect(engine.load(loadOptions(model.file, { variant: "broken" }))).rejects.toMatchObject({
      code: "ENGINE_UNAVAILABLE",
      message: expect.stringContaining(problem) as string,
    });
  });

  test.each<[change: Partial<LoadOptions>, problem: string]>([
    [{ sequences: 0 }, "sequences is 0, expected an integer from 1"],
    [{ threads: 1.5 }, "threads is 1.5, expected an integer from 1"],
    [{ gpuLayers: -1 }, "gpuLayers is -1, expected an integer from 0"],
    [{ settings: { batchSize: 0, speed: 1 } }, "batchSize is 0, expected an integer from 1 to 65536; speed is unknown"],
    [{ settings: { mmap: "yes" } }, 'mmap is "yes", expected true or false'],
    [{ settings: { constructor: 1 } }, "constructor is unknown"],
  ])("with %j", async (change, problem) => {
    await using model = await writeTinyModel();
    const options = loadOptions(model.file, change);
    const refused = { code: "ENGINE_REQUEST_INVALID", message: expect.stringContaining(problem) as string };
    await expect(createLlamaEngine().load(options)).rejects.toMatchObject(refused);
    await expect(createLlamaEngine().plan(options)).rejects.toMatchObject(refused);
  });
});

test("a load that is aborted on the way is rejected with the reason, and the next one works", async () => {
  await using model = await writeTinyModel();
  const engine = createLlamaEngine();
  const controller = new AbortController();
  const reason = new Error("changed my mind");
  const loading = engine.load(loadOptions(model.file), {
    signal: controller.signal,
    onProgress: () => controller.abort(reason),
  });
  setImmediate(() => controller.abort(reason));
  await expect(loading).rejects.toBe(reason);
  await (await engine.load(loadOptions(model.file))).unload();
});

test("warnings of llama.cpp go to the log that was given, and nowhere else", async () => {
  await using model = await writeTinyModel();
  const lines: string[] = [];
  const engine = createLlamaEngine({ onLog: ({ level, message }) => lines.push(`${level}: ${message}`) });
  const loaded = await engine.load(loadOptions(model.file, { contextLength: 4096 }));
  await expect.poll(() => lines.join("\n")).toMatch(/warn: .*n_ctx_train/);
  await loaded.unload();
});

test("settings of the engine change how it computes and not what", async () => {
  await using model = await writeTinyModel();
  const settings = { batchSize: 16, promptChunk: 4, flashAttention: false, mmap: false };
  const results = await checkEngine(createLlamaEngine(), { load: loadOptions(model.file, { settings }) });
  expect(results.filter(({ verdict }) => verdict !== "passed")).toEqual([]);
});
