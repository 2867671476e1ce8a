import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  estimateMemory,
  listModels,
  pullModel,
  readCatalogue,
  readManifest,
  removeModel,
  resolveModel,
  serveModel,
  storePaths,
  testModel,
  verifyModels,
} from "@hxp/model";
import { createLogger } from "@hxp/service";
import { type FileServer, startFileServer } from "../../test/file-server.ts";
import { makeGguf } from "../../test/make-gguf.ts";
import { createScriptedEngine, sayToTheLimit } from "../../test/scripted-engine.ts";
import { configOf } from "../../test/serve-scripted.ts";
import { holdFile } from "./hold-file.ts";

const file = makeGguf();
const sha256 = createHash("sha256").update(file).digest("hex");

let store: string;
let server: FileServer;
beforeEach(async () => {
  store = mkdtempSync(join(tmpdir(), "store-"));
  server = await startFileServer(file);
  await pullModel({ store, source: `${server.url}/tiny.gguf` });
});
afterEach(async () => {
  await server.close();
  rmSync(store, { recursive: true });
});

const blob = (): string => storePaths(store).blob(sha256);

test("a store that is not there is empty", async () => {
  expect(await listModels(join(store, "none"))).toEqual([]);
});

test.each(["{", "{}", '{"schema":1,"name":"other"}'])("a manifest that is none (%s) is named", async (text) => {
  writeFileSync(storePaths(store).manifest("broken"), text);
  await expect(listModels(store)).rejects.toMatchObject({
    code: "MODEL_MANIFEST_INVALID",
    message: expect.stringContaining("broken.json"),
  });
});

describe("verifying", () => {
  test("tells what is intact, changed and missing", async () => {
    expect(await verifyModels({ store })).toEqual([{ name: "tiny", sha256, status: "intact" }]);
    chmodSync(blob(), 0o644);
    writeFileSync(blob(), makeGguf({ tail: 999 }));
    expect(await verifyModels({ store, names: ["tiny"] })).toMatchObject([
      { status: "changed", error: { code: "MODEL_DIGEST_MISMATCH" } },
    ]);
    rmSync(blob());
    expect(await verifyModels({ store })).toMatchObject([{ status: "missing" }]);
    await expect(verifyModels({ store, names: ["none"] })).rejects.toMatchObject({
      code: "MODEL_NOT_FOUND",
      hint: expect.stringContaining("hxp models list"),
    });
  });
});

describe("removing", () => {
  test("frees the file with the last name that needs it", async () => {
    await pullModel({ store, source: `${server.url}/tiny.gguf`, name: "second", sha256 });
    expect(await removeModel(store, "tiny")).toEqual({ freed: 0 });
    expect(existsSync(blob())).toBe(true);
    expect(await removeModel(store, "second")).toEqual({ freed: file.length });
    expect([existsSync(blob()), await listModels(store)]).toEqual([false, []]);
    await expect(removeModel(store, "tiny")).rejects.toMatchObject({ code: "MODEL_NOT_FOUND" });
  });

  test("is refused while a process serves the file, and works when it has ended", async () => {
    const model = await resolveModel({ config: { source: "tiny" }, store });
    const log = createLogger({ service: "test", version: "0.0.0", stream: { write: () => true } });
    const served = await serveModel({
      name: "tiny",
      engine: createScriptedEngine(),
      config: configOf(),
      model,
      listen: { port: 0 },
      log,
    });
    await expect(removeModel(store, "tiny")).rejects.toMatchObject({ code: "MODEL_IN_USE", exitCode: 12 });
    expect(await readManifest(store, "tiny")).toBeDefined();
    await served.drain("done");
    expect(await removeModel(store, "tiny")).toEqual({ freed: file.length });
  });

  test("is not held up by a process that was killed", async () => {
    const script = `
      import { holdFile } from ${JSON.stringify(new URL("./hold-file.ts", import.meta.url).href)};
      holdFile(process.argv[1], "shared");
      process.stdout.write("held");
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, [
      "--conditions=@hxp/source",
      "--no-warnings",
      "--input-type=module",
      "-e",
      script,
      storePaths(store).use(sha256),
    ]);
    for await (const text of child.stdout) if (String(text) === "held") break;
    await expect(removeModel(store, "tiny")).rejects.toMatchObject({ code: "MODEL_IN_USE" });
    const exited = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await exited;
    expect(await removeModel(store, "tiny")).toEqual({ freed: file.length });
  });
});

test("a file is held by many together or by one alone", () => {
  const path = storePaths(store).use(sha256);
  const [one, two] = [holdFile(path, "shared"), holdFile(path, "shared")];
  expect(holdFile(path, "exclusive")).toBeUndefined();
  one?.release();
  one?.release();
  expect(holdFile(path, "exclusive")).toBeUndefined();
  two?.release();
  using alone = holdFile(path, "exclusive");
  expect([alone === undefined, holdFile(path, "shared")]).toEqual([false, undefined]);
});

describe("a source is found", () => {
  const builtIn = { guide: { file: "/package/guide.gguf", sha256: "1".repeat(64) } };
  const resolve = (source: string, digest?: string) =>
    resolveModel({ config: { source, ...(digest === undefined ? {} : { sha256: digest }) }, store, builtIn });

  test("by path, digest, name in the store, or as a part of a package", async () => {
    const stored = { file: blob(), sha256, use: storePaths(store).use(sha256) };
    expect(await resolve("/srv/x.gguf", sha256)).toEqual({ file: "/srv/x.gguf", sha256 });
    expect(await resolve(`sha256:${sha256}`)).toEqual(stored);
    expect(await resolve("tiny", sha256)).toEqual(stored);
    expect(await resolve("guide")).toEqual(builtIn.guide);
  });

  test("or refused", async () => {
    await expect(resolve("none")).rejects.toMatchObject({ code: "MODEL_NOT_FOUND" });
    await expect(resolve("constructor")).rejects.toMatchObject({ code: "MODEL_NOT_FOUND" });
    await expect(resolve("tiny", "2".repeat(64))).rejects.toMatchObject({ code: "MODEL_DIGEST_MISMATCH" });
  });
});

const anyLoad = { file: "x", contextLength: 1, sequences: 1, threads: 1, gpuLayers: 0, variant: "cpu" };

test("known answers are asked for without chance, and compared by how they begin", async () => {
  const engine = createScriptedEngine();
  const model = await engine.load(anyLoad);
  const questions = [
    { prompt: "a", answer: "Hello" },
    { prompt: "b", answer: "Goodbye" },
  ];
  const results = await testModel({ model, questions });
  expect(results.map(({ passed, actual, tokens }) => [passed, actual, tokens])).toEqual([
    [true, "Hello there.", 3],
    [false, "Hello there.", 3],
  ]);
  expect(engine.asked.every(({ sampling }) => sampling.temperature === 0)).toBe(true);
});

test("a model that rambles is cut when it has had room for the known answer, and the result says so", async () => {
  const engine = createScriptedEngine({ script: sayToTheLimit("la ") });
  const model = await engine.load(anyLoad);
  const [answer] = await testModel({ model, questions: [{ prompt: "Who?", answer: "Me." }] });
  expect(answer).toMatchObject({ passed: false, cut: true, tokens: 20 });
});

describe("the catalogue", () => {
  const models = readCatalogue();

  test("has the models that were asked for, each with a name, a port and a source of its own", () => {
    const titles = models.map(({ title }) => title).join(", ");
    for (const name of ["Mixtral", "Hermes 2", "OpenChat 3.5", "Phi-3-Mini"]) expect(titles).toContain(name);
    expect(new Set(models.map((model) => model.class))).toEqual(new Set(["small", "medium", "large"]));
    for (const key of ["name", "port", "pullSource"] as const)
      expect(new Set(models.map((model) => model[key])).size).toBe(models.length);
  });

  test("names sources that can be pulled, and contexts that the models have", async () => {
    for (const { name, pullSource, llama, contextLength } of models) {
      await expect(pullModel({ store, source: pullSource, name, hub: server.url, attempts: 1 })).resolves.toMatchObject(
        { name, sha256 },
      );
      expect(llama.contextLength).toBeLessThanOrEqual(contextLength);
    }
  });

  test("computes memory as it says: the file, two bytes for each key and value, and a flat part", () => {
    const [phi] = models.filter(({ name }) => name === "phi-3-mini");
    if (phi === undefined) throw new Error("Phi-3-Mini is missing");
    expect(phi.memory.cache).toBe(2 * 32 * 32 * 96 * 2 * 4096 * 2);
    expect(estimateMemory(phi, { contextLength: 4096, sequences: 1 }).cache).toBe(phi.memory.cache / 2);
    for (const { memory, size } of models) expect(memory.total).toBe(size.bytes + memory.cache + 536_870_912);
  });
});
