import { createServer } from "node:http";
import { describe, expect, test } from "vitest";
import { createLogger } from "../log/create-logger.ts";
import { openStream, untilRefused } from "../testing/open-stream.ts";
import { startStreams, type StreamService } from "../testing/stream-service.ts";
import type { Service } from "./service.ts";
import { type ServiceHandle, type ServiceOptions, startService } from "./start-service.ts";

function begin(options: Pick<ServiceOptions, "start"> & Partial<ServiceOptions>) {
  const lines: Record<string, unknown>[] = [];
  const stream = { write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>) };
  const log = createLogger({ service: "test", version: "0", stream });
  const handle = startService({ name: "test", version: "0", probe: { port: 0 }, log, ...options });
  const events = () => lines.map(({ event }) => event);
  return { handle, lines, events };
}

async function probe(handle: ServiceHandle, path: string): Promise<[number, string]> {
  await expect.poll(() => handle.probe()).toBeDefined();
  const response = await fetch(`${handle.probe()?.address}${path}`);
  return [response.status, await response.text()];
}

describe("a service that starts", () => {
  test("is live and not ready, says what it does and for how long yet, and is ready once a request was answered", async () => {
    const [loaded, proof] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const { handle, events } = begin({
      clock: () => 1_000,
      start: async ({ phase }) => {
        phase("loading model", 90_000);
        await loaded.promise;
        return { prove: () => proof.promise };
      },
    });
    expect(await probe(handle, "/livez")).toEqual([200, "live\n"]);
    expect(await probe(handle, "/readyz")).toEqual([503, "starting: loading model\n"]);
    expect(await probe(handle, "/startupz")).toEqual([503, "starting: loading model (0 s, about 90 s to go)\n"]);
    const [status, json] = await probe(handle, "/startupz?verbose");
    expect([status, JSON.parse(json)]).toEqual([
      503,
      expect.objectContaining({ ok: false, stage: "starting", phase: "loading model", elapsedMs: 0, etaMs: 90_000 }),
    ]);
    loaded.resolve();
    await expect.poll(() => handle.state().phase).toBe("proving");
    expect(await probe(handle, "/readyz")).toEqual([503, "starting: proving\n"]);
    proof.resolve();
    await handle.ready;
    expect(await probe(handle, "/readyz")).toEqual([200, "ready\n"]);
    expect(await probe(handle, "/startupz")).toEqual([200, "started\n"]);
    expect(await handle.drain("test")).toEqual({ reason: "test", exitCode: 0, completed: 0, cut: 0, left: 0 });
    expect(events()).toEqual([
      "serviceStarting",
      "servicePhase",
      "servicePhase",
      "serviceReady",
      "serviceDraining",
      "serviceStopped",
    ]);
  });

  test("says what another process does, and leaves it to that one to log it", async () => {
    const phases: string[] = [];
    const { handle, events } = begin({
      start: async ({ phase }) => {
        phase("child: loading", 5_000, { log: false });
        return {};
      },
      onState: ({ phase }) => phases.push(phase),
    });
    await handle.ready;
    expect(phases).toContain("child: loading");
    expect(events()).toEqual(["serviceStarting", "servicePhase", "serviceReady"]);
    await handle.drain("test");
  });

  test.each([
    ["start", { start: () => Promise.reject(new Error("no model")) }],
    ["answer", { start: async () => ({ prove: () => Promise.reject(new Error("no model")) }) }],
  ] as [string, Pick<ServiceOptions, "start">][])("and cannot %s fails with a code and ends", async (_, options) => {
    const { handle, events } = begin(options);
    await expect(handle.ready).rejects.toMatchObject({
      code: "SERVICE_START_FAILED",
      message: "test could not start: no model",
    });
    expect(await handle.stopped).toMatchObject({
      reason: "start failed",
      exitCode: 1,
      error: { code: "SERVICE_START_FAILED" },
    });
    expect(handle.state().stage).toBe("stopped");
    expect(events()).toEqual(expect.arrayContaining(["serviceStartFailed", "serviceStopped"]));
  });

  test("and whose proof fails takes no more requests", async () => {
    let service: StreamService | undefined;
    const { handle } = begin({
      start: async (context) => {
        service = await startStreams(context);
        return { ...service, prove: () => Promise.reject(new Error("wrong answer")) };
      },
    });
    await handle.stopped;
    await expect(fetch(service?.address ?? "")).rejects.toThrow("fetch failed");
  });

  test("fails when its probe port is taken, and says by whom", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as { port: number };
    const { handle } = begin({ probe: { port }, start: async () => ({}) });
    await expect(handle.ready).rejects.toMatchObject({
      code: "LISTEN_ADDRESS_IN_USE",
      message: expect.stringContaining(`port ${port} of 127.0.0.1 is in use by process ${process.pid}`),
    });
    other.close();
  });

  test("and is stopped before it is ready ends without an error", async () => {
    const { handle } = begin({
      start: ({ signal }) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error))),
    });
    expect(await handle.drain("changed my mind")).toMatchObject({ exitCode: 0 });
    await expect(handle.ready).rejects.toMatchObject({ code: "SERVER_DRAINING" });
  });

  test("and does not heed its signal is left alone, and stopped when it is there", async () => {
    const [late, stopped] = [Promise.withResolvers<Service>(), Promise.withResolvers<void>()];
    const { handle } = begin({
      start: ({ phase }) => {
        phase("loading");
        return late.promise;
      },
      drain: { graceMs: 20 },
    });
    await expect.poll(() => handle.state().phase).toBe("loading");
    expect(await handle.drain("test")).toMatchObject({ exitCode: 0 });
    late.resolve({ stop: () => stopped.resolve() });
    await stopped.promise;
  });
});

describe("a service that is ready", () => {
  test("says why it cannot serve right now", async () => {
    const service: { reason?: string } = {};
    const { handle } = begin({ start: async () => ({ whyUnready: () => service.reason }) });
    await handle.ready;
    expect(await probe(handle, "/readyz")).toEqual([200, "ready\n"]);
    service.reason = "no engine answers";
    expect(await probe(handle, "/readyz")).toEqual([503, "no engine answers\n"]);
    expect(await probe(handle, "/livez")).toEqual([200, "live\n"]);
    await handle.drain("test");
  });

  test("is not live while work is pending and none is done", async () => {
    let [now, progress] = [0, { pending: 1, done: 0 }];
    const { handle, events } = begin({
      clock: () => now,
      stuckAfterMs: 60_000,
      start: async () => ({ progress: () => progress }),
    });
    await handle.ready;
    expect((await probe(handle, "/livez"))[0]).toBe(200);
    now = 59_999;
    expect((await probe(handle, "/livez"))[0]).toBe(200);
    now = 60_000;
    expect(await probe(handle, "/livez")).toEqual([503, "stuck: work is pending and none is done\n"]);
    expect((await probe(handle, "/livez"))[0]).toBe(503);
    expect(events().filter((event) => event === "serviceStuck")).toHaveLength(1);
    progress = { pending: 1, done: 1 };
    expect((await probe(handle, "/livez"))[0]).toBe(200);
    now = 500_000;
    progress = { pending: 0, done: 1 };
    expect((await probe(handle, "/livez"))[0]).toBe(200);
    await handle.drain("test");
  });

  test("shows its metrics, and answers nothing else", async () => {
    const { handle } = begin({ start: async () => ({}) });
    await handle.ready;
    const [status, text] = await probe(handle, "/metrics");
    expect(status).toBe(200);
    expect(text).toContain('hxp_service_stage{stage="ready"} 1');
    expect(text).toContain('hxp_service_stage{stage="starting"} 0');
    expect(text).toContain('hxp_service_info{service="test",version="0"} 1');
    expect((await probe(handle, "/"))[0]).toBe(404);
    const posted = await fetch(`${handle.probe()?.address}/livez`, { method: "POST", body: "x" });
    expect(posted.status).toBe(405);
    await handle.drain("test");
    await expect(fetch(`${handle.probe()?.address}/livez`)).rejects.toThrow("fetch failed");
  });
});

describe("a service that drains", () => {
  test("is unready first, goes on accepting for a while, and touches no handler of the process", async () => {
    const handlers = process.listenerCount("SIGTERM");
    let service: StreamService | undefined;
    const { handle } = begin({
      drain: { acceptMs: 3_000 },
      start: async (context) => (service = await startStreams(context)),
    });
    await handle.ready;
    const address = service?.address ?? "";
    const drained = handle.drain("test");
    expect(await probe(handle, "/readyz")).toEqual([503, "draining: test\n"]);
    expect((await fetch(address)).status).toBe(200);
    expect(process.listenerCount("SIGTERM")).toBe(handlers);
    await drained;
    await untilRefused(address);
  });

  test("ends streams at the deadline, and counts those that ended by themselves", async () => {
    let service: StreamService | undefined;
    const { handle } = begin({
      drain: { deadlineMs: 3_000 },
      start: async (context) => (service = await startStreams(context)),
    });
    await handle.ready;
    const [ends, lasts] = [await openStream(service?.address ?? ""), await openStream(service?.address ?? "")];
    const drained = handle.drain("test");
    await untilRefused(service?.address ?? "");
    ends.finish();
    expect(await ends.rest).toBe("finished\n");
    expect(await lasts.rest).toBe("SERVER_DRAINING\n");
    expect(await drained).toMatchObject({ exitCode: 0, completed: 1, cut: 1, left: 0 });
  });

  test("ends although draining and stopping hang, with an error", async () => {
    const never = () => new Promise<never>(() => {});
    const { handle, lines } = begin({
      drain: { deadlineMs: 20, graceMs: 20 },
      start: async () => ({ drain: never, stop: never }),
    });
    await handle.ready;
    expect(await handle.drain("test")).toMatchObject({
      exitCode: 1,
      error: { message: "Draining took more than 40 ms." },
    });
    expect(lines.filter(({ event }) => event === "serviceStopFailed")).toHaveLength(2);
  });

  test("drains once, however often it is told", async () => {
    let count = 0;
    const { handle } = begin({ start: async () => ({ stop: () => void (count += 1) }) });
    await handle.ready;
    const [first, second] = await Promise.all([handle.drain("one"), handle.drain("two")]);
    await handle[Symbol.asyncDispose]();
    expect([first.reason, second.reason, count]).toEqual(["one", "one", 1]);
  });
});
