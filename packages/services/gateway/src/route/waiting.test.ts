import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Lease } from "../pipeline.ts";
import { fault, makeRouter, ok } from "./testing/make-router.ts";
import { makeTarget } from "./testing/make-target.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const oneTarget = [makeTarget("guide/a")];

/** Serves so many requests in so much time each, so that the router knows its rate. */
async function serve(acquire: () => Promise<Lease>, { count, milliseconds }: { count: number; milliseconds: number }) {
  for (let served = 0; served < count; served += 1) {
    const lease = await acquire();
    await vi.advanceTimersByTimeAsync(milliseconds);
    lease.end(ok);
  }
}

describe("a request that waits", () => {
  test("gets the place of one that ends, and is told once that it waits", async () => {
    const { acquire, model } = makeRouter(oneTarget);
    const onQueued = vi.fn<() => void>();
    const first = await acquire({ onQueued });
    expect(onQueued).not.toHaveBeenCalled();
    const second = acquire({ onQueued, priority: "bulk", tokens: 70 });
    expect(onQueued).toHaveBeenCalledTimes(1);
    expect(model()).toMatchObject({ waiting: { interactive: 0, default: 0, bulk: 1 }, waitingTokens: 70 });
    first.end(ok);
    expect((await second).target.id).toBe("guide/a");
    expect(model()).toMatchObject({ waiting: { bulk: 0 }, waitingTokens: 0, targets: [{ inFlight: 1 }] });
    expect(vi.getTimerCount()).toBe(0);
  });

  test.each(Array.from({ length: 12 }, (_, reading) => reading))(
    "is served when its target has rested, also if that is between two readings of the clock, after %i",
    async (reading) => {
      let readings = Number.NEGATIVE_INFINITY;
      const clock = (): number => {
        readings += 1;
        return 1_000_000 + (readings > reading ? 1000 : 999);
      };
      const { acquire } = makeRouter(oneTarget, { clock: () => (readings < 0 ? 1_000_000 : clock()) });
      (await acquire()).end({ type: "busy", retryAfterMs: 1000 });
      readings = 0;
      let served: string | undefined;
      void acquire().then(({ target }) => (served = target.id));
      await vi.advanceTimersByTimeAsync(10);
      expect(served).toBe("guide/a");
    },
  );

  test("leaves at once when it is given up, and leaves no timer", async () => {
    const { acquire, model } = makeRouter(oneTarget);
    const first = await acquire();
    const controller = new AbortController();
    const waits = acquire({ signal: controller.signal });
    controller.abort(new Error("gone"));
    expect(model().waitingTokens).toBe(0);
    await expect(waits).rejects.toThrow("gone");
    expect(vi.getTimerCount()).toBe(0);
    first.end(ok);
    expect(model().targets).toMatchObject([{ inFlight: 0 }]);
  });

  test("is turned away at its deadline, or when it has waited as long as one may", async () => {
    const { acquire, model } = makeRouter(oneTarget, { queue: { wait: 5000 } });
    await acquire();
    const waits = [acquire({ deadlineAt: Date.now() + 1000 }), acquire()];
    const codes = waits.map((each) =>
      each.catch((error: { code: string }) => `${error.code} ${Date.now() - 1_000_000}`),
    );
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await Promise.all(codes)).toEqual(["QUEUE_TIMEOUT 1000", "QUEUE_TIMEOUT 5000"]);
    expect(model().waitingTokens).toBe(0);
  });

  test("is turned away before it waits when its deadline is over, or cannot be met at the rate that was measured", async () => {
    const { acquire } = makeRouter(oneTarget);
    await serve(acquire, { count: 10, milliseconds: 1000 });
    await acquire();
    const deadlineAt = Date.now() + 2000;
    await expect(acquire({ deadlineAt: Date.now() })).rejects.toMatchObject({ code: "QUEUE_TIMEOUT" });
    void acquire({ deadlineAt });
    void acquire({ deadlineAt });
    const onQueued = vi.fn<() => void>();
    await expect(acquire({ deadlineAt, onQueued })).rejects.toMatchObject({
      code: "QUEUE_TIMEOUT",
      status: 503,
      details: { retryAfterMs: expect.closeTo(2750, -2) },
    });
    expect(onQueued).not.toHaveBeenCalled();
  });

  test("is turned away when as many wait as may, and told when the queue will have been served", async () => {
    const { acquire } = makeRouter(oneTarget, { queue: { size: 4, sizePerTenant: 3 } });
    await serve(acquire, { count: 10, milliseconds: 1000 });
    await acquire();
    for (let count = 0; count < 3; count += 1) void acquire({ tenant: "greedy" });
    await expect(acquire({ tenant: "greedy" })).rejects.toMatchObject({
      code: "QUEUE_FULL",
      message: expect.stringContaining("3 of them yours"),
    });
    void acquire({ tenant: "modest" });
    await expect(acquire({ tenant: "late" })).rejects.toMatchObject({
      code: "QUEUE_FULL",
      status: 503,
      details: { retryAfterMs: expect.closeTo(2750, -2) },
    });
  });

  test("is not waited for at all where the queue has no room", async () => {
    const { acquire } = makeRouter(oneTarget, { queue: { size: 0 } });
    await acquire();
    await expect(acquire()).rejects.toMatchObject({ code: "QUEUE_FULL", details: { retryAfterMs: 1100 } });
  });

  test("gets a target that has rested, without another request's help", async () => {
    const { acquire } = makeRouter(oneTarget);
    (await acquire()).end({ type: "busy", retryAfterMs: 3000 });
    const waits = acquire();
    await vi.advanceTimersByTimeAsync(2999);
    const state = vi.fn<() => void>();
    void waits.then(state);
    await vi.advanceTimersByTimeAsync(0);
    expect(state).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect((await waits).target.id).toBe("guide/a");
  });

  test("is turned away at once when all targets rest longer than it has time", async () => {
    const { acquire } = makeRouter(oneTarget);
    (await acquire()).end({ type: "busy", retryAfterMs: 30_000 });
    await expect(acquire({ deadlineAt: Date.now() + 20_000 })).rejects.toMatchObject({
      code: "QUEUE_TIMEOUT",
      details: { retryAfterMs: 33_000 },
    });
  });

  test("is turned away when the last target is left alone, so that a fallback can answer", async () => {
    const { acquire, model } = makeRouter(oneTarget, { breaker: { failures: 1 } });
    const first = await acquire();
    const waits = [acquire(), acquire()];
    first.end(fault);
    for (const each of waits) await expect(each).rejects.toMatchObject({ code: "MODEL_UNAVAILABLE" });
    expect(model()).toMatchObject({ waitingTokens: 0, targets: [{ inFlight: 0 }] });
  });

  test("tries a target that was left alone when its time is over and the others are full", async () => {
    const { acquire } = makeRouter([makeTarget("guide/a"), makeTarget("guide/b")], {
      breaker: { failures: 1, open: 2000 },
    });
    (await acquire()).end(fault);
    await acquire();
    const waits = acquire();
    await vi.advanceTimersByTimeAsync(2000);
    expect((await waits).target.id).toBe("guide/a");
  });

  test("tries a target once more when the first trial takes long", async () => {
    const { acquire } = makeRouter([makeTarget("guide/a", { maxConcurrency: 5 })], {
      breaker: { failures: 1, open: 2000 },
    });
    (await acquire()).end(fault);
    await vi.advanceTimersByTimeAsync(2000);
    const [stream, waits] = [await acquire(), acquire()];
    await vi.advanceTimersByTimeAsync(2000);
    expect((await waits).target.id).toBe("guide/a");
    stream.end(ok);
  });

  test("does not keep others from a target that it does not take itself", async () => {
    const { acquire } = makeRouter([makeTarget("guide/a"), makeTarget("guide/b")]);
    const [first, second] = [await acquire(), await acquire()];
    const retry = acquire({ exclude: new Set(["guide/a"]) });
    const fresh = acquire();
    first.end(ok);
    expect((await fresh).target.id).toBe("guide/a");
    second.end(ok);
    expect((await retry).target.id).toBe("guide/b");
  });

  test("may exclude targets of other models, which changes nothing", async () => {
    const { acquire, model } = makeRouter(oneTarget);
    const first = await acquire();
    const order: number[] = [];
    const waits = ["other/a", "other/b", "other/c"].map(async (id, index) => {
      const lease = await acquire({ exclude: new Set([id]), tokens: 300 - 100 * index });
      order.push(index);
      lease.end(ok);
    });
    expect(model().waitingTokens).toBe(600);
    first.end(ok);
    await Promise.all(waits);
    expect(order).toEqual([0, 1, 2]);
  });

  test("is not overtaken by one that comes later", async () => {
    const { acquire } = makeRouter(oneTarget);
    const order: number[] = [];
    const first = await acquire();
    const waits = [1, 2, 3].map(async (number) => {
      const lease = await acquire();
      order.push(number);
      lease.end(ok);
    });
    first.end(ok);
    await Promise.all(waits);
    expect(order).toEqual([1, 2, 3]);
  });

  test("is not overtaken when its target has rested and nobody has looked yet", async () => {
    const { acquire } = makeRouter(oneTarget);
    (await acquire()).end({ type: "busy", retryAfterMs: 3000 });
    const order: string[] = [];
    const take = async (name: string): Promise<void> => {
      const lease = await acquire();
      order.push(name);
      lease.end(ok);
    };
    const waits = [take("early"), take("late")];
    // The clock passes the end of the rest, its timer does not.
    vi.setSystemTime(Date.now() + 3000);
    await Promise.all([...waits, take("last")]);
    expect(order).toEqual(["early", "late", "last"]);
  });

  test("leaves no trace when being told that it waits fails", async () => {
    const { acquire, model } = makeRouter(oneTarget);
    await acquire();
    const onQueued = (): void => {
      throw new Error("closed");
    };
    await expect(acquire({ onQueued })).rejects.toThrow("closed");
    expect(model().waitingTokens).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});

test("bulk work is served while interactive work never ends", async () => {
  const { acquire } = makeRouter(oneTarget, { queue: { size: 10_000 } });
  let current = await acquire();
  let bulkServed = 0;
  const bulk = Array.from({ length: 20 }, async () => {
    const lease = await acquire({ priority: "bulk", tenant: "batch" });
    bulkServed += 1;
    current = lease;
  });
  for (let turn = 0; turn < 400; turn += 1) {
    void acquire({ priority: "interactive", tenant: "chat" }).then((lease) => (current = lease));
    const ended = current;
    ended.end(ok);
    await vi.advanceTimersByTimeAsync(0);
  }
  expect(bulkServed).toBe(20);
  await Promise.all(bulk);
});
