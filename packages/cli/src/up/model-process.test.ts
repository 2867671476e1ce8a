import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type ModelEvent, ModelProcess, type ModelProcessOptions } from "./model-process.ts";
import { decideRestart } from "./restart-policy.ts";

const policy = { windowMs: 60_000, mostDeaths: 3, firstDelayMs: 1, longestDelayMs: 4 };
const unstopped = new AbortController().signal;

/** A model whose process runs this code; `events` is what it told. */
function makeModel(code: string, options: Partial<ModelProcessOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "hxp-model-process-"));
  const file = join(folder, "model.mjs");
  writeFileSync(file, code);
  const events: ModelEvent[] = [];
  const phases: string[] = [];
  const model = new ModelProcess({
    model: "guide",
    command: [process.execPath, file, folder],
    environment: process.env,
    policy,
    onEvent: (event) => void events.push(event),
    onPhase: ({ phase }) => void phases.push(phase),
    ...options,
  });
  onTestFinished(async () => {
    await model.stop(0);
    rmSync(folder, { recursive: true, force: true });
  });
  return { model, events, phases, folder };
}

const staysReady = `
process.on("SIGTERM", () => process.exit(0));
process.on("disconnect", () => process.exit(0));
process.send({ type: "phase", phase: "loading" });
process.send({ type: "ready" });
setInterval(() => {}, 1000);
`;

describe("a model's process", () => {
  test("is started when it says that it is ready, and tells its phases", async () => {
    const { model, phases } = makeModel(staysReady);
    await model.start(unstopped);
    expect(phases).toEqual(["loading"]);
    expect(model.pid).toBeGreaterThan(0);
  });

  test("that fails to start is reported in its own words", async () => {
    const { model, events } = makeModel(`
      const error = { code: "MODEL_MEMORY_EXCEEDED", message: "needs 4 GB", hint: "Choose a smaller one." };
      process.send({ type: "failed", error }, () => process.exit(2));
    `);
    await expect(model.start(unstopped)).rejects.toMatchObject({
      code: "MODEL_PROCESS_FAILED",
      message: "MODEL_MEMORY_EXCEEDED: needs 4 GB",
      hint: "Choose a smaller one.",
    });
    expect(events).toEqual([]);
  });

  test("that ends without a word is reported with how it ended", async () => {
    await expect(makeModel(`process.exit(7);`).model.start(unstopped)).rejects.toThrow("ended with exit code 7");
    const killed = makeModel(`process.kill(process.pid, "SIGKILL");`).model.start(unstopped);
    await expect(killed).rejects.toMatchObject({
      message: expect.stringContaining("SIGKILL"),
      hint: expect.stringContaining("memory"),
    });
  });

  test("that is not there to be run is reported", async () => {
    const { model } = makeModel("", { command: ["/nonexistent/program"] });
    await expect(model.start(unstopped)).rejects.toMatchObject({ code: "MODEL_PROCESS_FAILED" });
  });

  test("is started again after it died, and says when it is back", async () => {
    const { model, events } = makeModel(staysReady);
    await model.start(unstopped);
    const first = model.pid ?? 0;
    process.kill(first, "SIGKILL");
    await vi.waitFor(() => expect(events.map(({ type }) => type)).toEqual(["died", "back"]), { timeout: 30_000 });
    expect(events[0]).toMatchObject({ reason: expect.stringContaining("SIGKILL"), restartInMs: 1 });
    expect(model.pid).not.toBe(first);
  });

  test("is given up when it dies too often, with the last reason", async () => {
    const { model, events } = makeModel(`
      import { existsSync, writeFileSync } from "node:fs";
      const mark = process.argv[2] + "/ran";
      if (existsSync(mark)) process.exit(9);
      writeFileSync(mark, "");
      process.send({ type: "ready" }, () => process.exit(8));
    `);
    await model.start(unstopped);
    await vi.waitFor(() => expect(events.at(-1)?.type).toBe("given-up"), { timeout: 30_000 });
    expect(events.map(({ type }) => type)).toEqual(["died", "died", "given-up"]);
    expect(events.at(-1)).toMatchObject({
      error: { code: "MODEL_PROCESS_FAILED", message: expect.stringMatching(/3 times.*code 9/) },
    });
  });

  test("finishes what it does when it is stopped, and is not started again", async () => {
    const { model, events, folder } = makeModel(`
      import { writeFileSync } from "node:fs";
      process.on("SIGTERM", () => { writeFileSync(process.argv[2] + "/drained", "yes"); process.exit(0); });
      process.send({ type: "ready" });
      setInterval(() => {}, 1000);
    `);
    await model.start(unstopped);
    await model.stop(30_000);
    expect(readFileSync(join(folder, "drained"), "utf8")).toBe("yes");
    expect(events).toEqual([]);
  });

  test("that does not end when asked is killed after the grace", async () => {
    const { model } = makeModel(`
      process.on("SIGTERM", () => {});
      process.send({ type: "ready" });
      setInterval(() => {}, 1000);
    `);
    await model.start(unstopped);
    await model.stop(10);
    expect(() => process.kill(model.pid ?? 0, 0)).toThrow("ESRCH");
  });

  test("is killed when the start is aborted", async () => {
    const controller = new AbortController();
    const { model } = makeModel(`process.send({ type: "phase", phase: "loading" }); setInterval(() => {}, 1000);`, {
      onPhase: () => controller.abort(),
    });
    await expect(model.start(controller.signal)).rejects.toMatchObject({ code: "MODEL_PROCESS_FAILED" });
    expect(() => process.kill(model.pid ?? 0, 0)).toThrow("ESRCH");
  });
});

describe("decideRestart", () => {
  test("doubles the delay up to the longest, and gives up at the most deaths", () => {
    const wide = { windowMs: 1000, mostDeaths: 5, firstDelayMs: 10, longestDelayMs: 25 };
    let deaths: readonly number[] = [];
    const decisions = [0, 1, 2, 3, 4].map((now) => {
      const decision = decideRestart(deaths, now, wide);
      ({ deaths } = decision);
      return decision.type === "restart" ? decision.afterMs : decision.type;
    });
    expect(decisions).toEqual([10, 20, 25, 25, "give-up"]);
  });

  test("forgets deaths that are older than the window", () => {
    expect(decideRestart([0, 1], 60_000, policy)).toMatchObject({ type: "restart", afterMs: 2, deaths: [1, 60_000] });
  });
});
