import { type CheckContext, collect, type ConformanceCheck, createRequest, expectThat } from "./check.ts";

/** Checks of several requests at once. */
export const concurrencyChecks: readonly ConformanceCheck[] = [
  {
    check: "Requests at the same time get the answers that they get alone",
    run: async (context) => {
      const alone = await collect(context.model.generate(createRequest(context)));
      const count = context.load.sequences + 2;
      const together = await Promise.all(many(context, count).map((answer) => collect(answer)));
      const others = together.filter(({ text }) => text !== alone.text);
      expectThat(
        others.length === 0,
        `${others.length} of ${count} differ, such as ${JSON.stringify(others[0]?.text)}`,
      );
    },
  },
  {
    check: "At most as many requests run as there are sequences, and the others wait",
    run: async (context) => {
      const { sequences } = context.load;
      let most = { running: 0, waiting: 0 };
      const watch = async (answer: ReturnType<typeof many>[number]): Promise<void> => {
        for await (const event of answer) {
          const { running, waiting } = context.model.metrics();
          if (event.type === "text")
            most = { running: Math.max(most.running, running), waiting: Math.max(most.waiting, waiting) };
        }
      };
      await Promise.all(many(context, sequences + 2).map(watch));
      expectThat(most.running <= sequences, `${most.running} ran at once, expected at most ${sequences}`);
      expectThat(most.running > 1, "they ran one after the other");
      expectThat(most.waiting > 0, "none waited");
      const { running, waiting, cacheUsage } = context.model.metrics();
      expectThat(running === 0 && waiting === 0, `${running} run and ${waiting} wait at the end`);
      expectThat(cacheUsage >= 0 && cacheUsage <= 1, `the cache's usage is ${cacheUsage}`);
    },
  },
];

function many(context: CheckContext, count: number): ReturnType<CheckContext["model"]["generate"]>[] {
  return Array.from({ length: count }, () => context.model.generate(createRequest(context)));
}
