import { EventEmitter } from "node:events";
import { describe, expect, test } from "vitest";
import { createLogger } from "../log/create-logger.ts";
import type { Notification } from "../notify/notifier.ts";
import { runChild } from "../testing/child.ts";
import { openStream, untilRefused } from "../testing/open-stream.ts";
import { runService } from "./run-service.ts";
import type { ServiceExit } from "./service.ts";

const file = new URL("../testing/run-streams.ts", import.meta.url);

const quiet = () => createLogger({ service: "x", version: "0", level: "silent" });

describe("a process with a service", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("finishes its streams after %s, and exits with 0", async (signal) => {
    const child = runChild(file);
    const { address } = (await child.line({ message: "Listening" })) as { address: string };
    await child.line({ event: "serviceReady" });
    const streams = [await openStream(address), await openStream(address), await openStream(address)];
    child.process.kill(signal);
    await child.line({ event: "serviceDraining", reason: signal });
    await untilRefused(address);
    streams[0]?.finish();
    streams[1]?.finish();
    streams[2]?.leave();
    expect(await streams[0]?.rest).toBe("finished\n");
    expect(await streams[1]?.rest).toBe("finished\n");
    expect(await child.ended).toBe(0);
    expect(await child.line({ event: "serviceStopped" })).toMatchObject({ completed: 2, cut: 0, left: 1, exitCode: 0 });
  });

  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)("ends at once at a second signal: %s, %i", async (signal, code) => {
    const child = runChild(file);
    const { address } = (await child.line({ message: "Listening" })) as { address: string };
    await child.line({ event: "serviceReady" });
    const stream = await openStream(address);
    child.process.kill("SIGTERM");
    await child.line({ event: "serviceDraining" });
    child.process.kill(signal);
    expect(await child.ended).toBe(code);
    expect(await stream.rest).toBe("ECONNRESET");
  });

  test("ends its streams at the deadline with an in-band error, says how many, and exits with 0", async () => {
    const child = runChild(file, { env: { DEADLINE_MS: "300" } });
    const { address } = (await child.line({ message: "Listening" })) as { address: string };
    await child.line({ event: "serviceReady" });
    const streams = [await openStream(address), await openStream(address)];
    child.process.kill("SIGTERM");
    expect(await Promise.all(streams.map(({ rest }) => rest))).toEqual(["SERVER_DRAINING\n", "SERVER_DRAINING\n"]);
    expect(await child.ended).toBe(0);
    expect(await child.line({ event: "serviceStopped" })).toMatchObject({ completed: 0, cut: 2, left: 0, exitCode: 0 });
    expect(child.lines.map(({ event }) => event)).toContain("serviceDeadline");
  });

  test("that is told to stop while it starts stops starting, and exits with 0", async () => {
    const child = runChild(file, { env: { SLOW_START: "1" } });
    expect(await child.line({ event: "servicePhase" })).toMatchObject({
      phase: "loading a model",
      remainingMs: 45_000,
    });
    child.process.kill("SIGTERM");
    expect(await child.ended).toBe(0);
    expect(child.lines.map(({ event }) => event)).not.toContain("serviceReady");
  });
});

describe("runService", () => {
  let exits: number[] = [];
  const fakeProcess = () => Object.assign(new EventEmitter(), { exit: (code: number) => exits.push(code) });

  test("tells the service manager each step, and stops the signs of life when work is stuck", async () => {
    exits = [];
    const owner = fakeProcess();
    const said: Notification[] = [];
    let pending = 0;
    const beats = () => said.filter(({ watchdog }) => watchdog).length;
    const running = runService({
      name: "x",
      version: "0",
      log: quiet(),
      process: owner as never,
      stuckAfterMs: 50,
      drain: { deadlineMs: 100, graceMs: 50 },
      notifier: { notify: (notification) => said.push(notification), watchdogMs: 30, flush: async () => {} },
      start: async ({ phase }) => {
        phase("loading", 60_000);
        return { progress: () => ({ pending, done: 0 }) };
      },
    });
    await expect.poll(beats).toBeGreaterThan(2);
    expect(said[0]).toEqual({ status: "starting: loading", extendMs: 120_000 });
    expect(said).toContainEqual({ ready: true, status: "ready: serving" });
    pending = 1;
    // Three beats of a stuck service would come within 30 ms; wait until it is, and then for as long as ten would take.
    await new Promise((resolve) => setTimeout(resolve, 150));
    const before = beats();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(beats()).toBe(before);
    pending = 0;
    await expect.poll(beats).toBeGreaterThan(before);
    owner.emit("SIGTERM", "SIGTERM");
    expect(await running).toBe(0);
    expect(said).toContainEqual(expect.objectContaining({ stopping: true }));
    expect(owner.listenerCount("SIGTERM") + owner.listenerCount("SIGINT")).toBe(0);
    expect(exits).toEqual([]);
  });

  test("ends with the exit code of what failed", async () => {
    const ended: ServiceExit[] = [];
    const failed = runService({
      onStopped: (exit) => ended.push(exit),
      name: "x",
      version: "0",
      log: quiet(),
      process: fakeProcess() as never,
      start: () => Promise.reject(new Error("no model")),
    });
    expect(await failed).toBe(1);
    expect(ended).toEqual([
      {
        reason: "start failed",
        exitCode: 1,
        completed: 0,
        cut: 0,
        left: 0,
        error: expect.objectContaining({ code: "SERVICE_START_FAILED", message: "x could not start: no model" }),
      },
    ]);
  });
});
