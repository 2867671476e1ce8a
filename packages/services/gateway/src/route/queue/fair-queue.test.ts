import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Priority } from "../router.ts";
import { FairQueue, type QueueItem } from "./fair-queue.ts";
import { Heap } from "./heap.ts";

interface Item extends QueueItem {
  readonly id: number;
}

const weights = { interactive: 8, default: 4, bulk: 1 };

function makeItem(id: number, values: Partial<Item> = {}): Item {
  return { id, tenant: "red", priority: "default", tokens: 100, takesAny: true, takes: "", ...values };
}

function drain(queue: FairQueue<Item>, count = Number.POSITIVE_INFINITY): Item[] {
  const served: Item[] = [];
  while (served.length < count) {
    const next = queue.next((item) => item);
    if (next === undefined) break;
    served.push(next.item);
  }
  return served;
}

const idsOf = (items: readonly Item[]): number[] => items.map(({ id }) => id);

describe("a fair queue", () => {
  test("serves one tenant's requests of a class in the order in which they came", () => {
    const queue = new FairQueue<Item>(weights);
    const tokens = [500, 1, 90, 7, 7];
    for (const [id, each] of tokens.entries()) queue.add(makeItem(id, { tokens: each }));
    expect(idsOf(drain(queue))).toEqual([0, 1, 2, 3, 4]);
  });

  test("gives tenants the same tokens, not the same number of requests", () => {
    const queue = new FairQueue<Item>(weights);
    for (let id = 0; id < 100; id += 1) queue.add(makeItem(id, { tenant: "large", tokens: 400 }));
    for (let id = 100; id < 500; id += 1) queue.add(makeItem(id, { tenant: "small", tokens: 100 }));
    const served = drain(queue, 250);
    expect(served.filter(({ tenant }) => tenant === "large")).toHaveLength(50);
  });

  test("one who comes late does not wait behind all of one who came early", () => {
    const queue = new FairQueue<Item>(weights);
    for (let id = 0; id < 100; id += 1) queue.add(makeItem(id, { tenant: "early" }));
    drain(queue, 10);
    queue.add(makeItem(1000, { tenant: "late" }));
    expect(idsOf(drain(queue, 2))).toContain(1000);
  });

  test("gives classes shares by their weights, and bulk its part whatever comes before it", () => {
    const queue = new FairQueue<Item>(weights);
    let id = 0;
    const add = (priority: Priority): void => queue.add(makeItem((id += 1), { priority }));
    for (let count = 0; count < 50; count += 1) add("bulk");
    const served: Item[] = [];
    // Interactive requests never run out: strict priorities would serve no other.
    for (let count = 0; count < 900; count += 1) {
      add("interactive");
      served.push(...drain(queue, 1));
    }
    const bulk = served.filter(({ priority }) => priority === "bulk").length;
    expect(bulk).toBe(50);
    const first = served.slice(0, 90).filter(({ priority }) => priority === "bulk").length;
    expect(first).toBeGreaterThanOrEqual(9);
    expect(first).toBeLessThanOrEqual(46);
  });

  test("charges nobody for a request that was taken out while it waited", () => {
    const queue = new FairQueue<Item>(weights);
    const huge = makeItem(0, { tenant: "red", tokens: 1_000_000 });
    queue.add(huge);
    queue.add(makeItem(1, { tenant: "red" }));
    queue.add(makeItem(2, { tenant: "blue", tokens: 200 }));
    queue.remove(huge);
    queue.remove(huge);
    expect(queue.size).toBe(2);
    expect(idsOf(drain(queue))).toEqual([1, 2]);
  });

  test("passes over one that cannot take what is free, keeps its turn, and offers nothing to those behind one that takes any", () => {
    const queue = new FairQueue<Item>(weights);
    queue.add(makeItem(0, { takesAny: false, takes: "a", tokens: 1 }));
    queue.add(makeItem(1, { tenant: "blue" }));
    queue.add(makeItem(2, { tenant: "green", tokens: 200 }));
    const offered: number[] = [];
    const take = queue.next((item) => {
      offered.push(item.id);
      return item.id === 1 ? "taken" : undefined;
    });
    expect(take?.item.id).toBe(1);
    expect(offered).toEqual([0, 1]);
    offered.length = 0;
    queue.next(({ id }) => void offered.push(id));
    expect(offered).toEqual([0, 2]);
    expect(idsOf(drain(queue))).toEqual([0, 2]);
  });

  test("knows how many tokens come before a request that would join", () => {
    const queue = new FairQueue<Item>(weights);
    expect(queue.tokensAhead(makeItem(0))).toBe(0);
    for (let id = 0; id < 10; id += 1) queue.add(makeItem(id, { tenant: "red" }));
    expect(queue.tokensAhead(makeItem(10, { tenant: "red" }))).toBe(1000);
    expect(queue.tokensAhead(makeItem(10, { tenant: "blue" }))).toBe(100);
    expect(queue.tokensAhead(makeItem(10, { tenant: "blue", priority: "bulk" }))).toBe(400);
    expect(queue.tokensAhead(makeItem(10, { tenant: "blue", priority: "bulk", tokens: 5000 }))).toBe(1000);
  });
});

const flow = fc.record({
  tenant: fc.constantFrom("a", "b", "c"),
  priority: fc.constantFrom("interactive" as const, "default" as const, "bulk" as const),
});

test("two flows that both wait get tokens by their weights, but for one request of each", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(flow, fc.integer({ min: 1, max: 1000 })), { minLength: 20, maxLength: 150 }),
      (all) => {
        const queue = new FairQueue<Item>(weights);
        for (const [id, [{ tenant, priority }, tokens]] of all.entries())
          queue.add(makeItem(id, { tenant, priority, tokens }));
        const served = new Map<string, number>();
        const waiting = new Map<string, number>();
        for (const { tenant, priority } of queue)
          waiting.set(`${tenant} ${priority}`, (waiting.get(`${tenant} ${priority}`) ?? 0) + 1);
        for (let next = queue.next((item) => item); next !== undefined; next = queue.next((item) => item)) {
          const { tenant, priority, tokens } = next.item;
          const key = `${tenant} ${priority}`;
          waiting.set(key, (waiting.get(key) ?? 0) - 1);
          served.set(key, (served.get(key) ?? 0) + tokens / weights[priority]);
          const shares = [...waiting].flatMap(([each, left]) =>
            left > 0 ? [{ share: served.get(each) ?? 0, most: 1000 / weights[each.split(" ")[1] as Priority] }] : [],
          );
          for (const one of shares)
            for (const other of shares) expect(one.share - other.share).toBeLessThanOrEqual(one.most + other.most);
        }
        expect(queue.size).toBe(0);
        expect(queue.tokens).toBe(0);
        expect(queue.lengths).toEqual({ interactive: 0, default: 0, bulk: 0 });
      },
    ),
  );
});

test("a heap gives the least first, whatever was changed and removed in between", () => {
  const act = fc.record({ do: fc.constantFrom("add", "remove", "update"), which: fc.nat(), rank: fc.nat(50) });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 200 }), (acts) => {
      const heap = new Heap<{ rank: number; order: number; place: number }>();
      const items: { rank: number; order: number; place: number }[] = [];
      for (const [order, { do: what, which, rank }] of acts.entries()) {
        const item = items[which % Math.max(1, items.length)];
        if (what === "add") {
          const added = { rank, order, place: -1 };
          heap.add(added);
          items.push(added);
        } else if (item !== undefined && what === "remove") {
          heap.remove(item);
          items.splice(items.indexOf(item), 1);
        } else if (item !== undefined) {
          item.rank = rank;
          heap.update(item);
        }
        expect(heap.first).toBe(items.toSorted((one, other) => one.rank - other.rank || one.order - other.order)[0]);
      }
    }),
  );
});
