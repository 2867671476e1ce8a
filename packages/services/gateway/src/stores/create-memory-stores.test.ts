import { describe, expect, test } from "vitest";
import { createPepper } from "../authenticate/hash-secret.ts";
import { createKey, type NewKey } from "../authenticate/manage-keys.ts";
import { createMemoryStores } from "./create-memory-stores.ts";
import { makeUsage } from "../testing/make-usage.ts";

const pepper = createPepper("p".repeat(32));
const conflict = expect.objectContaining({ code: "STORAGE_CONFLICT" });

function makeNewKey(): NewKey {
  return createKey({ name: "n", owner: "o" }, { pepper }).record;
}

describe("keys in memory", () => {
  test("get a revision with every change, and those after one are told in order", async () => {
    const { keys } = createMemoryStores([makeNewKey(), makeNewKey()]);
    const third = await keys.insert(makeNewKey());
    const [first] = await keys.changedSince(0, 1);
    expect([first?.revision, third.revision]).toEqual([1, 3]);
    const changed = await keys.replace({ ...third, name: "new" });
    expect(changed.revision).toBe(4);
    expect(await keys.changedSince(3)).toEqual([changed]);
    expect((await keys.changedSince(0)).map(({ revision }) => revision)).toEqual([1, 2, 4]);
  });

  test("are not replaced when they changed meanwhile, and not inserted twice", async () => {
    const { keys } = createMemoryStores();
    const key = makeNewKey();
    const stored = await keys.insert(key);
    await keys.replace({ ...stored, name: "a" });
    await expect(keys.replace({ ...stored, name: "b" })).rejects.toThrow(conflict);
    await expect(keys.insert(key)).rejects.toThrow(conflict);
    expect(await keys.get(key.id)).toMatchObject({ name: "a" });
  });

  test("are listed in pages by their ids", async () => {
    const { keys } = createMemoryStores(Array.from({ length: 5 }, makeNewKey));
    const page = await keys.list({ limit: 3 });
    const rest = await keys.list({ after: page.at(-1)?.id });
    const ids = [...page, ...rest].map(({ id }) => id);
    expect([page.length, rest.length]).toEqual([3, 2]);
    expect(ids).toEqual(ids.toSorted());
  });
});

describe("usage in memory", () => {
  const since = "2026-01-01T00:00:00.000Z";

  test("is summed up by key, team or model, each request once", async () => {
    const { usage } = createMemoryStores();
    const records = [
      makeUsage("a", { team: "red" }),
      makeUsage("b", { model: "other", cachedTokens: 3 }),
      makeUsage("c", { team: "red", cost: 1 }),
    ];
    await usage.append(records);
    await usage.append(records);
    expect(await usage.sum({ by: "team", since })).toEqual([
      { group: "red", requests: 2, promptTokens: 20, cachedTokens: 0, completionTokens: 10, cost: 1.5 },
      { group: "", requests: 1, promptTokens: 10, cachedTokens: 3, completionTokens: 5, cost: 0.5 },
    ]);
    expect((await usage.sum({ by: "model", since })).map(({ group }) => group)).toEqual(["guide", "other"]);
    expect(await usage.sum({ by: "key", since })).toMatchObject([{ group: "0123456789abcdef", requests: 3 }]);
  });

  test("is asked for by the hour: the first rounded down, the last left out", async () => {
    const { usage } = createMemoryStores();
    const hours = ["2026-01-01T00:59:59.000Z", "2026-01-01T01:00:00.000Z", "2026-01-01T02:00:00.000Z"];
    await usage.append(hours.map((at, index) => makeUsage(String(index), { at })));
    const count = async (from: string, until?: string): Promise<number | undefined> =>
      (await usage.sum({ by: "model", since: from, until }))[0]?.requests;
    expect(await count("2026-01-01T00:30:00.000Z")).toBe(3);
    expect(await count("2026-01-01T01:00:00.000Z")).toBe(2);
    expect(await count(since, "2026-01-01T02:00:00.000Z")).toBe(2);
    expect(await count("2026-01-02T00:00:00.000Z")).toBeUndefined();
  });
});
