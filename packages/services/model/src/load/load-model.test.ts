import { createHash } from "node:crypto";
import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadModel, serveModel, type LoadModelOptions } from "@hxp/model";
import { createLogger, type ServiceState } from "@hxp/service";
import { makeGguf } from "../../test/make-gguf.ts";
import { createScriptedEngine, say, sayToTheLimit } from "../../test/scripted-engine.ts";
import { configOf, serveScripted } from "../../test/serve-scripted.ts";
import { readAvailableMemory } from "./read-available-memory.ts";
import { verifyFile } from "./verify-file.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "load-"));
  file = join(folder, "model.gguf");
  writeFileSync(file, makeGguf({ contextLength: 2048 }));
});
afterEach(() => rmSync(folder, { recursive: true }));

const digestOf = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

function load(options: Partial<LoadModelOptions> = {}) {
  const phases: string[] = [];
  const engine = options.engine ?? createScriptedEngine();
  const progress = { phase: (phase: string) => void phases.push(phase), signal: new AbortController().signal };
  return {
    phases,
    run: loadModel({ name: "tiny", engine, config: configOf(), model: { file }, ...options }, progress),
  };
}

describe("verifying", () => {
  const cache = (): string => join(folder, "verified");

  test("reads a file once, and again when it has changed or is forced", async () => {
    const sha256 = digestOf(makeGguf({ contextLength: 2048 }));
    const verify = (force = false) => verifyFile({ file, sha256, cache: cache(), force });
    expect([await verify(), await verify(), await verify(true)]).toEqual(["read", "remembered", "read"]);
    utimesSync(file, new Date(), new Date(0));
    expect([await verify(), await verify()]).toEqual(["read", "remembered"]);
    writeFileSync(`${file}.new`, makeGguf({ contextLength: 2048 }));
    renameSync(`${file}.new`, file);
    expect(await verify()).toBe("read");
  });

  test("refuses another file, though its size and times are the same, and names both digests", async () => {
    const [good, bad] = [makeGguf({ contextLength: 2048 }), makeGguf({ contextLength: 4096 })];
    const options = { file, sha256: digestOf(good), cache: cache() };
    await verifyFile(options);
    writeFileSync(file, bad);
    utimesSync(file, new Date(0), new Date(0));
    const { run } = load({ model: options, verified: cache() });
    await expect(run).rejects.toMatchObject({
      code: "MODEL_DIGEST_MISMATCH",
      exitCode: 15,
      message: `${file} has the SHA-256 ${digestOf(bad)}, expected ${digestOf(good)}.`,
    });
  });

  test("works without a cache, and where the cache cannot be written", async () => {
    const options = { file, sha256: digestOf(makeGguf({ contextLength: 2048 })) };
    expect(await verifyFile(options)).toBe("read");
    expect(await verifyFile({ ...options, cache: join(file, "no-folder") })).toBe("read");
  });

  test("tells a file that is not there from one that is wrong", async () => {
    await expect(verifyFile({ file: join(folder, "none"), sha256: "0" })).rejects.toMatchObject({
      code: "MODEL_FILE_MISSING",
    });
  });
});

describe("memory", () => {
  test("that is too small is a refusal with the numbers, and says what would fit", async () => {
    const engine = createScriptedEngine({
      plan: { weights: 2 ** 30, cache: 2 ** 32, compute: 0, host: 2 ** 30 + 2 ** 32 },
    });
    const config = configOf({ sequences: 8, contextLength: 8192, memoryReserve: 0 });
    const { run } = load({ engine, config, availableMemory: async () => 2 * 2 ** 30 });
    await expect(run).rejects.toMatchObject({
      code: "MODEL_MEMORY_EXCEEDED",
      message: expect.stringMatching(/takes 5\.0 GiB.*8 × 8192 tokens.*2\.0 GiB are available/),
      hint: expect.stringContaining("sequences: 2, or with contextLength: 2048"),
    });
  });

  test("that does not even hold the weights leaves nothing to suggest but another model", async () => {
    const { run } = load({ availableMemory: async () => 50, config: configOf({ memoryReserve: 0 }) });
    await expect(run).rejects.toMatchObject({
      code: "MODEL_MEMORY_EXCEEDED",
      hint: "Or choose a smaller model or quantization.",
    });
  });

  test("that is reserved is not used, and memory that nobody knows is not judged", async () => {
    const config = configOf({ memoryReserve: 1000 });
    await expect(load({ config, availableMemory: async () => 1500 }).run).rejects.toMatchObject({
      code: "MODEL_MEMORY_EXCEEDED",
    });
    await expect(load({ config, availableMemory: async () => 1510 }).run).resolves.toBeDefined();
    await expect(load({ config, availableMemory: async () => undefined }).run).resolves.toBeDefined();
  });

  test("is what the machine has, or what is left of the limit of any control group above", async () => {
    const files: Record<string, string> = {
      "/proc/meminfo": "MemTotal: 100 kB\nMemAvailable:      90 kB\n",
      "/proc/self/cgroup": "0::/system.slice/hxp.service\n",
      "/sys/fs/cgroup/system.slice/hxp.service/memory.max": "max\n",
      "/sys/fs/cgroup/system.slice/hxp.service/memory.current": "10\n",
      "/sys/fs/cgroup/system.slice/memory.max": "50000\n",
      "/sys/fs/cgroup/system.slice/memory.current": "40000\n",
      "/sys/fs/cgroup/system.slice/memory.stat": "anon 1\nactive_file 3000\ninactive_file 2000\n",
    };
    expect(await readAvailableMemory(async (path) => files[path])).toBe(15_000);
    delete files["/proc/self/cgroup"];
    expect(await readAvailableMemory(async (path) => files[path])).toBe(90 * 1024);
    expect(await readAvailableMemory(async () => undefined)).toBeUndefined();
  });

  test.runIf(process.platform === "linux")("of this computer is a number of bytes", async () => {
    expect(await readAvailableMemory()).toBeGreaterThan(1_000_000);
  });
});

test("a load tells its phases, and asks for the context that the model was made for", async () => {
  const engine = createScriptedEngine();
  const seen: unknown[] = [];
  const { phases, run } = load({
    engine: { ...engine, plan: async (options) => (seen.push(options), engine.plan(options)) },
  });
  await run;
  expect([...new Set(phases)]).toEqual(["planning memory", "loading", "warming up"]);
  expect(seen).toEqual([
    expect.objectContaining({ file, contextLength: 2048, sequences: 4, gpuLayers: 0, variant: "cpu" }),
  ]);
});

test("a model that generates nothing is unloaded, and the start fails", async () => {
  const engine = createScriptedEngine({ script: say() });
  await expect(load({ engine }).run).rejects.toMatchObject({ code: "MODEL_WARM_UP_FAILED", exitCode: 14 });
  expect(engine.unloaded()).toBe(true);
});

describe("the known answer", () => {
  const start = (answer: string, states: ServiceState[] = []) =>
    serveScripted({
      config: { knownAnswer: { prompt: "Who?", answer } },
      serve: { onState: (state) => states.push(state) },
    });

  test("makes a model ready, and was asked for by the front door", async () => {
    const states: ServiceState[] = [];
    const { engine, server } = await start("Hello", states);
    expect(server.state().stage).toBe("ready");
    expect(engine.asked.at(-1)).toMatchObject({
      prompt: { messages: [{ role: "user", content: "Who?" }] },
      sampling: { temperature: 0 },
    });
    expect(states.map(({ phase }) => phase)).toEqual(
      expect.arrayContaining(["planning memory", "loading", "warming up", "proving"]),
    );
  });

  test("that does not come keeps a model from being ready, and nothing is left running", async () => {
    await expect(start("Goodbye")).rejects.toMatchObject({
      code: "MODEL_WARM_UP_FAILED",
      message: 'The model tiny answered "Hello there." to "Who?", expected "Goodbye".',
    });
  });

  test("is bound: a model that rambles does not delay its start, and the error says that it was cut", async () => {
    const config = { knownAnswer: { prompt: "Who?", answer: "Goodbye" } };
    await expect(serveScripted({ script: sayToTheLimit("la "), config })).rejects.toMatchObject({
      code: "MODEL_WARM_UP_FAILED",
      message: expect.stringMatching(/answered "(la )+" to "Who\?" and was cut after 25 tokens, expected "Goodbye"\.$/),
    });
  });
});

test("a model that is not to be had leaves no socket behind", async () => {
  const log = createLogger({ service: "test", version: "0.0.0", stream: { write: () => true } });
  const socket = join(folder, "tiny.sock");
  const options = { name: "tiny", engine: createScriptedEngine(), config: configOf(), listen: { socket }, log };
  await expect(serveModel({ ...options, model: { file, sha256: "0".repeat(64) } })).rejects.toMatchObject({
    code: "MODEL_DIGEST_MISMATCH",
  });
  const server = await serveModel({ ...options, model: { file } });
  expect(server.listening).toMatchObject({ address: `unix:${socket}` });
  await server.drain("done");
});
