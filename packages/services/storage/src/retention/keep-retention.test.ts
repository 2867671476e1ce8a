import { openStorage } from "@hxp/storage";
import { expect, onTestFinished, test, vi } from "vitest";
import { describeEmbedded } from "../../test/databases.ts";
import { exampleUsage, openPlace } from "../../test/examples.ts";
import { keepRetention } from "./keep-retention.ts";

const minute = 60_000;

describeEmbedded("a server that runs", (databases) => {
  test("applies retention some minutes after its start, and then every hour", async () => {
    const place = await databases.create();
    await using stores = await openStorage(place.config, place);
    await using database = await openPlace(place);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
    onTestFinished(() => void vi.useRealTimers());
    const problems: unknown[] = [];
    const count = async (): Promise<number> => (await database.query("SELECT id FROM hxp_usage")).length;
    const now = (): number => Date.parse("2027-01-01T00:00:00.000Z");
    // Retention has four parts; each is over when a batch of it finds nothing.
    let found: unknown[] = [];
    const watched: typeof database = {
      ...database,
      transaction: async (work) => {
        const result = await database.transaction(work);
        found.push(result);
        return result;
      },
    };
    const onceApplied = async (): Promise<number> => {
      const giveUpAt = performance.now() + 30_000;
      while (found.filter((each) => each === 0).length < 4 && performance.now() < giveUpAt) await count();
      found = [];
      return count();
    };
    const counts: number[] = [];
    {
      await using _kept = keepRetention(watched, place.config.retention, {
        now,
        onProblem: (each) => problems.push(each),
      });
      for (const [minutes, look] of [
        [4, count],
        [1, onceApplied],
        [59, count],
        [1, onceApplied],
      ] as const) {
        await stores.usage.append([exampleUsage(String(counts.length))]);
        vi.advanceTimersByTime(minutes * minute);
        counts.push(await look());
      }
    }
    expect(counts).toEqual([1, 0, 1, 0]);
    expect(problems).toEqual([]);
  });
});
