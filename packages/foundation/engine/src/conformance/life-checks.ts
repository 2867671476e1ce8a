import { collect, type ConformanceCheck, createRequest, expectError, expectThat } from "./check.ts";

/** Checks that load models of their own. */
export const lifeChecks: readonly ConformanceCheck<undefined>[] = [
  {
    check: "A plan is whole numbers of bytes, and the parts fit into host and device",
    run: async ({ engine, load }) => {
      const plan = await engine.plan(load);
      for (const [name, value] of Object.entries(plan)) {
        expectThat(Number.isInteger(value) && value >= 0, `${name} is ${value}, expected a whole number of bytes`);
      }
      const parts = plan.weights + plan.cache;
      expectThat(
        plan.host + plan.device >= parts,
        `host and device are ${plan.host + plan.device}, the parts ${parts}`,
      );
    },
  },
  {
    check: "A plan does not shrink with more sequences",
    run: async ({ engine, load }) => {
      const [one, more] = await Promise.all([
        engine.plan({ ...load, sequences: 1 }),
        engine.plan({ ...load, sequences: load.sequences + 1 }),
      ]);
      expectThat(more.cache >= one.cache, `the cache of more sequences is ${more.cache}, of one ${one.cache}`);
    },
  },
  {
    check: "A load that was aborted before it began is rejected with the signal's reason",
    run: async ({ engine, load }) => {
      const reason = new Error("not wanted");
      const outcome = await engine.load(load, { signal: AbortSignal.abort(reason) }).catch((error: unknown) => error);
      expectThat(outcome === reason, `it ended with ${String(outcome)}`);
    },
  },
  {
    check: "Progress of a load grows up to 1",
    run: async ({ engine, load }) => {
      const shares: number[] = [];
      const model = await engine.load(load, { onProgress: (share) => shares.push(share) });
      await model.unload();
      const isGrowing = shares.every((share, index) => share >= (shares[index - 1] ?? 0) && share <= 1);
      expectThat(isGrowing && shares.at(-1) === 1, `the shares are ${shares.join(", ")}`);
    },
  },
  {
    check: "Unloading ends what runs and what waits with the reason aborted",
    run: async ({ engine, load, prompt, sampling }) => {
      const model = await engine.load(load);
      const requests = Array.from({ length: load.sequences + 1 }, () => createRequest({ prompt, sampling }));
      const answers = requests.map((request) => collect(model.generate(request)));
      await model.unload();
      const reasons = (await Promise.all(answers)).map(({ reason }) => reason);
      expectThat(
        reasons.every((reason) => reason === "aborted"),
        `the reasons are ${reasons.join(", ")}`,
      );
    },
  },
  {
    check: "A model that was unloaded, once or twice, throws ENGINE_UNAVAILABLE",
    run: async ({ engine, load, prompt, sampling }) => {
      const model = await engine.load(load);
      await Promise.all([model.unload(), model.unload()]);
      await model.unload();
      await expectError(collect(model.generate(createRequest({ prompt, sampling }))), "ENGINE_UNAVAILABLE");
      if (!model.info.capabilities.embeddings) return;
      await expectError(model.embed({ id: "unloaded", texts: ["text"] }), "ENGINE_UNAVAILABLE");
    },
  },
];
