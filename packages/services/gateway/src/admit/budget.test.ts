import { describe, expect, test } from "vitest";
import type { Limits } from "@hxp/schema-storage";
import { createAdmission } from "./create-admission.ts";
import { createMemoryUsage, makeRecord } from "./testing/memory-usage.ts";
import { makeKey } from "./testing/make-key.ts";

const evening = Date.parse("2026-05-31T23:00:00Z");
const hour = 3_600_000;

function makeNode(budget: NonNullable<Limits["budget"]>, time = { now: evening }) {
  const admission = createAdmission({ clock: () => time.now });
  const key = makeKey({ limits: { budget } });
  const reserve = (tokens: number) =>
    admission.reserve({
      id: "r",
      key,
      model: "guide",
      estimate: { promptTokens: tokens, completionTokens: 0 },
      price: { input: 1_000_000, output: 0 },
    });
  const use = (tokens: number) => reserve(tokens).settle({ promptTokens: tokens, completionTokens: 0, cost: tokens });
  const state = () => admission.snapshot().find(({ by }) => by === "key");
  return { admission, time, reserve, use, state };
}

const exceeded = expect.objectContaining({ code: "BUDGET_EXCEEDED", retryable: false });

describe("a budget", () => {
  test("refuses what does not fit beside what is reserved, and says when the period ends", () => {
    const { reserve } = makeNode({ period: "day", tokens: 100 });
    reserve(60);
    reserve(40).release();
    expect(() => reserve(41)).toThrow(exceeded);
    expect(() => reserve(41)).toThrow(
      /Key 0+1 has a budget of 100 tokens for this day, which ends at 2026-06-01T00:00:00.000Z/,
    );
    reserve(40);
  });

  test("counts costs by the model's price, whatever their rounding", () => {
    const { use, reserve } = makeNode({ period: "month", cost: 0.3 });
    use(0.1);
    use(0.2);
    expect(() => reserve(0.001)).toThrow(exceeded);
  });

  test("counts what was used in place of what was reserved", () => {
    const { reserve, state } = makeNode({ period: "day", tokens: 100 });
    reserve(90).settle({ promptTokens: 10, completionTokens: 5, cost: 15 });
    expect(state()).toMatchObject({ spent: { tokens: 15, cost: 15 }, reserved: { tokens: 0, cost: 0 } });
  });

  test("is whole again in the next period, to which a request of the last does not count", () => {
    const { reserve, use, state, time } = makeNode({ period: "month", tokens: 100 });
    const late = reserve(50);
    use(50);
    time.now += 2 * hour;
    const next = reserve(100);
    late.settle({ promptTokens: 50, completionTokens: 0, cost: 50 });
    next.release();
    expect(state()).toMatchObject({ spent: { tokens: 0 }, reserved: { tokens: 0 } });
  });

  test("is not whole again when the clock is set back over midnight and passes it once more", () => {
    const { use, reserve, time } = makeNode({ period: "day", tokens: 100 });
    time.now += hour;
    use(100);
    time.now -= 5000;
    expect(() => reserve(1)).toThrow(exceeded);
    time.now += 10_000;
    expect(() => reserve(1)).toThrow(exceeded);
  });

  test("is kept while it is not stored, and forgotten when its period is over", () => {
    const { admission, use, time } = makeNode({ period: "day", tokens: 100 });
    use(100);
    const other = {
      id: "o",
      key: makeKey({ id: "0000000000000002" }),
      model: "other",
      estimate: { promptTokens: 0, completionTokens: 0 },
    };
    const churn = () => {
      for (let count = 0; count < 20; count += 1) admission.reserve(other).release();
      return admission.snapshot().some(({ name }) => name === "0000000000000001");
    };
    expect(churn()).toBe(true);
    time.now += hour;
    expect(churn()).toBe(false);
  });
});

describe("what storage knows", () => {
  test("is what a node begins with after a restart", async () => {
    const usage = createMemoryUsage();
    await usage.append([
      makeRecord({ id: "a", at: "2026-05-31T10:00:00.000Z", promptTokens: 70, completionTokens: 20 }),
    ]);
    const { admission, reserve } = makeNode({ period: "day", tokens: 100 });
    await admission.learnFrom(usage);
    expect(() => reserve(11)).toThrow(exceeded);
    reserve(10);
  });

  test("is other nodes' spending beside our own, which counts once", async () => {
    const usage = createMemoryUsage();
    const time = { now: evening };
    const [first, second] = [
      makeNode({ period: "day", tokens: 100 }, time),
      makeNode({ period: "day", tokens: 100 }, time),
    ];
    first.use(30);
    second.use(20);
    const records = {
      first: [makeRecord({ id: "a", at: new Date(time.now).toISOString(), promptTokens: 30, cost: 30 })],
    };
    await first.admission.learnFrom(usage);
    expect(first.state()).toMatchObject({ spent: { tokens: 30 } });
    await usage.append(records.first);
    first.admission.markStored(records.first);
    expect(first.state()).toMatchObject({ spent: { tokens: 30 } });
    await Promise.all([first.admission.learnFrom(usage), second.admission.learnFrom(usage)]);
    expect(first.state()).toMatchObject({ spent: { tokens: 30, cost: 30 } });
    expect(second.state()).toMatchObject({ spent: { tokens: 50 } });
  });

  test("counts for a moment twice, never not at all, when a record is stored while the sum is read", async () => {
    const usage = createMemoryUsage();
    const { admission, use, state, time } = makeNode({ period: "day", tokens: 100 });
    use(30);
    const record = makeRecord({ id: "a", at: new Date(time.now).toISOString(), promptTokens: 30, cost: 30 });
    const query = { by: "key", since: "2026-05-31T00:00:00.000Z" } as const;
    const before = { readFrom: admission.marker(), sums: await usage.sum(query) };
    await usage.append([record]);
    admission.markStored([record]);
    admission.learnSpent(query, before);
    expect(state()).toMatchObject({ spent: { tokens: 30 } });
    await admission.learnFrom(usage);
    expect(state()).toMatchObject({ spent: { tokens: 30 } });
  });

  test("takes no record for its own that a former process left in the spool", async () => {
    const usage = createMemoryUsage();
    const { admission, use, state } = makeNode({ period: "day", tokens: 100 });
    use(30);
    const old = makeRecord({ id: "old", at: "2026-05-31T20:00:00.000Z", promptTokens: 25 });
    await usage.append([old]);
    admission.markStored([old]);
    await admission.learnFrom(usage);
    expect(state()).toMatchObject({ spent: { tokens: 55 } });
  });

  test("is asked for every budget that is configured or seen, and for all keys at first", async () => {
    const asked: string[] = [];
    const usage = {
      sum: async (query: { by: string; since: string }) => (asked.push(`${query.by} ${query.since}`), []),
    };
    const admission = createAdmission({
      clock: () => evening,
      models: { guide: { budget: { period: "month", cost: 1 } } },
    });
    await admission.learnFrom(usage);
    expect(asked).toEqual([
      "key 2026-05-31T00:00:00.000Z",
      "key 2026-05-01T00:00:00.000Z",
      "model 2026-05-01T00:00:00.000Z",
    ]);
    asked.length = 0;
    await admission.learnFrom(usage);
    expect(asked).toEqual(["model 2026-05-01T00:00:00.000Z"]);
  });
});
