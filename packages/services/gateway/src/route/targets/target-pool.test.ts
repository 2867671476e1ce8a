import { describe, expect, test } from "vitest";
import type { AttemptResult } from "../../pipeline.ts";
import type { BreakerSettings } from "../router.ts";
import { fault, makeRouter, ok } from "../testing/make-router.ts";
import { makeTarget } from "../testing/make-target.ts";

const busy = (retryAfterMs?: number): AttemptResult => ({ type: "busy", retryAfterMs });

/** Targets a, b, …, the time, and `send`, which sends one request to one target (or to whichever is best) and ends it. */
function makePool(count: number, breaker: Partial<BreakerSettings> = {}) {
  const time = { now: 1_000_000 };
  const ids = Array.from({ length: count }, (_, index) => `guide/${String.fromCodePoint(97 + index)}`);
  const made = makeRouter(
    ids.map((id) => makeTarget(id, { maxConcurrency: 10 })),
    { breaker: { failures: 3, open: 1000, maxOpen: 8000, ...breaker }, clock: () => time.now },
  );
  const send = async (result: AttemptResult, id?: string): Promise<string> => {
    const lease = await made.acquire({ exclude: new Set(id === undefined ? [] : ids.filter((other) => other !== id)) });
    lease.end(result);
    return lease.target.id;
  };
  const sendMany = async (results: readonly AttemptResult[], id?: string): Promise<void> => {
    for (const result of results) await send(result, id);
  };
  const states = (): string =>
    made
      .model()
      .targets.map(({ state }) => state)
      .join(" ");
  return { ...made, time, send, sendMany, states };
}

describe("a breaker", () => {
  test("opens after faults in a row, and tells when it may be tried", async () => {
    const { sendMany, acquire, model, events } = makePool(1);
    await sendMany([fault, fault, ok, fault, fault]);
    expect(events).toEqual([]);
    await sendMany([fault]);
    expect(model().targets[0]).toMatchObject({ state: "open", openUntil: 1_001_000 });
    expect(events).toEqual([
      {
        type: "target.state",
        model: "guide",
        target: "guide/a",
        state: "open",
        until: 1_001_000,
        why: "faults in a row",
      },
    ]);
    await expect(acquire()).rejects.toMatchObject({ code: "MODEL_UNAVAILABLE", details: { retryAfterMs: 1100 } });
  });

  test("does not open for faults that lie too far apart, nor for what is not the target's fault", async () => {
    const { sendMany, time, states } = makePool(1, { window: 1000 });
    for (let count = 0; count < 5; count += 1) {
      await sendMany([fault]);
      time.now += 1001;
    }
    await sendMany([{ type: "neutral" }, { type: "neutral" }, { type: "neutral" }, busy(0), busy(0), busy(0)]);
    expect(states()).toBe("closed");
  });

  test("lets one request at a time try, and closes after enough of them succeeded", async () => {
    const { sendMany, acquire, time, states } = makePool(1);
    await sendMany([fault, fault, fault]);
    time.now += 1000;
    const trial = await acquire();
    expect(states()).toBe("half-open");
    const second = acquire();
    trial.end(ok);
    expect(states()).toBe("half-open");
    (await second).end(ok);
    expect(states()).toBe("closed");
    await Promise.all([acquire(), acquire(), acquire()]);
  });

  test("lets them try at once when somebody knows that it is back", async () => {
    const { sendMany, acquire, states, router } = makePool(1);
    await sendMany([fault, fault, fault]);
    await expect(acquire()).rejects.toMatchObject({ code: "MODEL_UNAVAILABLE" });
    router.retryNow("guide");
    expect(states()).toBe("half-open");
    (await acquire()).end(ok);
    (await acquire()).end(ok);
    expect(states()).toBe("closed");
  });

  test("opens again for twice as long when a trial fails, up to a bound", async () => {
    const { sendMany, time, model } = makePool(1);
    const lengths: number[] = [];
    await sendMany([fault, fault]);
    for (let count = 0; count < 6; count += 1) {
      await sendMany([fault]);
      lengths.push((model().targets[0]?.openUntil ?? 0) - time.now);
      time.now += lengths.at(-1) ?? 0;
    }
    expect(lengths).toEqual([1000, 2000, 4000, 8000, 8000, 8000]);
  });

  test("remembers how often it opened, until it has been well for long", async () => {
    const { sendMany, time, model } = makePool(1);
    const openFor = async (): Promise<number> => {
      await sendMany([fault, fault, fault]);
      return (model().targets[0]?.openUntil ?? 0) - time.now;
    };
    const heal = async (): Promise<void> => {
      time.now += 10_000;
      await sendMany([ok, ok]);
    };
    expect(await openFor()).toBe(1000);
    await heal();
    expect(await openFor()).toBe(2000);
    await heal();
    time.now += 8001;
    expect(await openFor()).toBe(1000);
  });

  test("spreads how long it is open", async () => {
    const time = { now: 1_000_000 };
    const lengths = [];
    for (const random of [0, 1]) {
      const { acquire, model } = makeRouter([makeTarget("guide/a")], {
        breaker: { failures: 1, open: 1000 },
        clock: () => time.now,
        random: () => random,
      });
      (await acquire()).end(fault);
      lengths.push((model().targets[0]?.openUntil ?? 0) - time.now);
    }
    expect(lengths).toEqual([800, 1200]);
  });

  test("takes no verdict from a trial of an earlier opening", async () => {
    const { sendMany, acquire, time, states } = makePool(1, { trials: 2 });
    await sendMany([fault, fault, fault]);
    time.now += 1000;
    const [slow, failing] = [await acquire(), await acquire()];
    failing.end(fault);
    time.now += 2000;
    const trial = await acquire();
    slow.end(fault);
    expect(states()).toBe("half-open");
    trial.end(ok);
    await sendMany([ok]);
    expect(states()).toBe("closed");
  });

  test("takes no verdict from requests that began before it opened", async () => {
    const { sendMany, acquire, time, states } = makePool(1);
    const [old, older] = [await acquire(), await acquire()];
    await sendMany([fault, fault, fault]);
    old.end(ok);
    expect(states()).toBe("open");
    time.now += 1000;
    const trial = await acquire();
    older.end(fault);
    expect(states()).toBe("half-open");
    trial.end(ok);
    (await acquire()).end(ok);
    expect(states()).toBe("closed");
  });

  test("lets one more try when a trial takes long", async () => {
    const { sendMany, acquire, time, states } = makePool(1);
    await sendMany([fault, fault, fault]);
    time.now += 1000;
    const stream = await acquire();
    time.now += 1000;
    (await acquire()).end(ok);
    (await acquire()).end(ok);
    expect(states()).toBe("closed");
    stream.end(fault);
    expect(states()).toBe("closed");
  });
});

describe("several targets", () => {
  test("one that fails is left alone, others go on", async () => {
    const { sendMany, send, states } = makePool(2);
    await sendMany([fault, fault, fault], "guide/a");
    expect(states()).toBe("open closed");
    for (let count = 0; count < 5; count += 1) expect(await send(ok)).toBe("guide/b");
  });

  test("one that fails often is left alone when the window has enough attempts", async () => {
    const { sendMany, states } = makePool(2, { minimumAttempts: 6, window: 10_000 });
    await sendMany([ok, fault, fault, ok, fault], "guide/a");
    expect(states()).toBe("closed closed");
    await sendMany([fault], "guide/a");
    expect(states()).toBe("open closed");
  });

  test("attempts outside of the window do not count", async () => {
    const { sendMany, time, states } = makePool(2, { minimumAttempts: 6, window: 10_000 });
    await sendMany([ok, fault, fault, ok, fault], "guide/a");
    time.now += 11_000;
    await sendMany([fault, ok, ok, ok, ok, ok], "guide/a");
    expect(states()).toBe("closed closed");
  });

  test("only a part is left alone while others answer; those beyond it come last", async () => {
    const { sendMany, send, acquire, states } = makePool(4);
    for (const id of ["guide/a", "guide/b", "guide/c"]) await sendMany([fault, fault, fault], id);
    await sendMany([fault], "guide/c");
    expect(states()).toBe("open open closed closed");
    for (let count = 0; count < 4; count += 1) expect(await send(ok)).toBe("guide/d");
    const held = await Promise.all(Array.from({ length: 11 }, () => acquire()));
    expect(held.map(({ target }) => target.id)).toEqual([...Array.from({ length: 10 }, () => "guide/d"), "guide/c"]);
  });

  test("all are left alone when all fail", async () => {
    const { sendMany, acquire, states } = makePool(4);
    for (const id of ["guide/a", "guide/b", "guide/c"]) await sendMany([fault, fault, fault], id);
    await sendMany([fault, fault, fault], "guide/d");
    expect(states()).toBe("open open closed open");
    await sendMany([fault]);
    expect(states()).toBe("open open open open");
    await expect(acquire()).rejects.toMatchObject({ code: "MODEL_UNAVAILABLE" });
  });

  test("a target that merely fails often is better than none", async () => {
    const { sendMany, states } = makePool(1, { minimumAttempts: 2 });
    await sendMany([ok, fault, ok, fault, ok, fault, fault]);
    expect(states()).toBe("closed");
  });

  test("one that is busy rests as long as it says, without a mark against it", async () => {
    const { send, time, model, events } = makePool(2);
    await send(busy(5000), "guide/a");
    expect(events).toEqual([{ type: "target.resting", model: "guide", target: "guide/a", until: 1_005_000 }]);
    for (let count = 0; count < 4; count += 1) expect(await send(ok)).toBe("guide/b");
    expect(model().targets[0]).toMatchObject({ state: "closed", restsUntil: 1_005_000 });
    time.now += 5000;
    expect(await send(ok)).toBe("guide/a");
    expect(model().targets[0]).toMatchObject({ restsUntil: undefined });
  });

  test("one that is busy and does not say for how long rests for a second, and never for more than five minutes", async () => {
    const { send, model } = makePool(2);
    await send(busy(), "guide/a");
    await send(busy(1e12), "guide/b");
    expect(model().targets.map(({ restsUntil }) => restsUntil)).toEqual([1_001_000, 1_300_000]);
  });
});
