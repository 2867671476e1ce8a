import { describe, expect, test } from "vitest";
import { createRouter } from "./create-router.ts";
import { makeRequest, makeRouter, ok } from "./testing/make-router.ts";
import { makeTarget } from "./testing/make-target.ts";

const twoTargets = [makeTarget("guide/a", { maxConcurrency: 10 }), makeTarget("guide/b", { maxConcurrency: 10 })];

describe("a router", () => {
  test("gives the target with the least tokens in flight", async () => {
    const { acquire, model } = makeRouter(twoTargets);
    const large = await acquire({ tokens: 1000 });
    expect(large.target.id).toBe("guide/a");
    for (let count = 0; count < 9; count += 1) expect((await acquire({ tokens: 100 })).target.id).toBe("guide/b");
    expect(model().targets).toMatchObject([
      { id: "guide/a", inFlight: 1, inFlightTokens: 1000 },
      { id: "guide/b", inFlight: 9, inFlightTokens: 900 },
    ]);
    large.end(ok);
    expect((await acquire()).target.id).toBe("guide/a");
  });

  test("takes equals in turn", async () => {
    const { acquire } = makeRouter([...twoTargets, makeTarget("guide/c")]);
    const ids: string[] = [];
    for (let count = 0; count < 6; count += 1) {
      const lease = await acquire();
      ids.push(lease.target.id);
      lease.end(ok);
    }
    expect(ids).toEqual(["guide/a", "guide/b", "guide/c", "guide/a", "guide/b", "guide/c"]);
  });

  test("gives targets load by their weights", async () => {
    const { acquire } = makeRouter([
      makeTarget("guide/a", { maxConcurrency: 100, weight: 3 }),
      makeTarget("guide/b", { maxConcurrency: 100 }),
    ]);
    const leases = await Promise.all(Array.from({ length: 40 }, () => acquire()));
    expect(leases.filter(({ target }) => target.id === "guide/a")).toHaveLength(30);
  });

  test("says in the lease why this one", async () => {
    const { acquire } = makeRouter([makeTarget("guide/local", { maxConcurrency: 5 })]);
    expect((await acquire()).route).toBe("guide/local;load=1;attempt=1");
    expect((await acquire({ exclude: new Set(["guide/other"]) })).route).toBe("guide/local;load=2;attempt=2");
    expect((await acquire({ attempt: 7 })).route).toBe("guide/local;load=3;attempt=7");
  });

  test("gives no target that is excluded, and says so when none is left", async () => {
    const { acquire } = makeRouter(twoTargets);
    expect((await acquire({ exclude: new Set(["guide/a"]) })).target.id).toBe("guide/b");
    await expect(acquire({ exclude: new Set(["guide/a", "guide/b"]) })).rejects.toMatchObject({
      code: "MODEL_UNAVAILABLE",
      status: 503,
      details: { model: "guide" },
    });
  });

  test.each(["", "other", "__proto__", "constructor", "toString"])("knows no model %j", async (model) => {
    const { acquire } = makeRouter(twoTargets);
    await expect(acquire({ model })).rejects.toMatchObject({ code: "MODEL_NOT_FOUND", status: 404 });
  });

  test("gives nothing to a request that was given up", async () => {
    const { acquire, model } = makeRouter(twoTargets);
    const reason = new Error("gone");
    await expect(acquire({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(model().targets[0]?.inFlight).toBe(0);
  });

  test("ends a lease once, however often it is told", async () => {
    const { acquire, model } = makeRouter([makeTarget("guide/a", { maxConcurrency: 2 })]);
    const [first] = [await acquire(), await acquire()];
    for (let count = 0; count < 3; count += 1) first.end(ok);
    expect(model().targets[0]).toMatchObject({ inFlight: 1, inFlightTokens: 100 });
  });

  test("gives nothing when it is closed, and turns away who waits", async () => {
    const { router, acquire } = makeRouter([makeTarget("guide/a")]);
    await acquire();
    const waits = acquire();
    await router[Symbol.asyncDispose]();
    await expect(waits).rejects.toMatchObject({ code: "MODEL_UNAVAILABLE" });
    await expect(acquire()).rejects.toMatchObject({ code: "MODEL_UNAVAILABLE" });
  });
});

describe("fallbacks", () => {
  const withFallbacks = (fallbacks: Record<string, string[]>) =>
    createRouter({
      models: Object.fromEntries(
        Object.entries(fallbacks).map(([name, all]) => [name, { targets: [makeTarget(`${name}/a`)], fallbacks: all }]),
      ),
    });

  test("are a model's own in their order, then theirs, each once", () => {
    const router = withFallbacks({ a: ["b", "c"], b: ["d"], c: ["d", "b"], d: [] });
    expect(router.models()).toEqual(["a", "b", "c", "d"]);
    expect(router.fallbacksOf("a")).toEqual(["b", "c", "d"]);
    expect(router.fallbacksOf("d")).toEqual([]);
    expect(router.fallbacksOf("unknown")).toEqual([]);
  });

  test("may go in a circle, which ends before the model itself", () => {
    const router = withFallbacks({ a: ["b"], b: ["c"], c: ["a"], d: ["d"] });
    expect(router.fallbacksOf("a")).toEqual(["b", "c"]);
    expect(router.fallbacksOf("c")).toEqual(["a", "b"]);
    expect(router.fallbacksOf("d")).toEqual([]);
  });

  test("are models", () => {
    expect(() => withFallbacks({ a: ["b"] })).toThrow(expect.objectContaining({ code: "CONFIG_RULE_BROKEN" }));
  });

  test("have their own targets and queue", async () => {
    const router = withFallbacks({ a: ["b"], b: [] });
    await router.acquire(makeRequest({ model: "a" }));
    expect((await router.acquire(makeRequest({ model: "b" }))).target.id).toBe("b/a");
  });
});
