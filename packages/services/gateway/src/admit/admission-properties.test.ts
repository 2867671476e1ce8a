import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Limits } from "@hxp/schema-storage";
import type { AdmissionOptions } from "./admission.ts";
import { type Change, createSimulation, type Step } from "./testing/simulate-admission.ts";

const scarce = (most: number): fc.Arbitrary<number> =>
  fc.oneof(
    { weight: 12, arbitrary: fc.integer({ min: Math.ceil(most / 8), max: most }) },
    { weight: 1, arbitrary: fc.constant(0) },
  );
const period = fc.constantFrom("day" as const, "month" as const);
const limits: fc.Arbitrary<Limits> = fc.record(
  {
    requestsPerMinute: scarce(40),
    tokensPerMinute: scarce(1500),
    concurrency: scarce(8),
    budget: fc.record({ period, tokens: scarce(4000) }),
  },
  { requiredKeys: [] },
);

const start: fc.Arbitrary<Step> = fc.record({
  do: fc.constant("start"),
  key: fc.nat(3),
  model: fc.nat(1),
  prompt: fc.nat(60),
  completion: fc.nat(60),
});
const generate: fc.Arbitrary<Step> = fc.record({ do: fc.constant("generate"), which: fc.nat(), tokens: fc.nat(30) });
const end: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom("finish", "cancel", "time out", "crash", "retry", "refuse"),
  which: fc.nat(),
  again: fc.boolean(),
});
/** Clocks go on, are set back, and pass midnight and the month's end. */
const wait: fc.Arbitrary<Step> = fc.record({
  do: fc.constant("wait"),
  milliseconds: fc.oneof(fc.integer({ min: -5000, max: 30_000 }), fc.constantFrom(-7_200_000, 90_000_000)),
});
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: start },
    { weight: 3, arbitrary: generate },
    { weight: 4, arbitrary: end },
    { weight: 3, arbitrary: wait },
  ),
  { minLength: 30, maxLength: 100 },
);

const keys = fc.array(limits, { minLength: 4, maxLength: 4 });
const scopes = fc.record({
  defaults: limits,
  teams: fc.record({ red: limits, blue: limits }),
  models: fc.record({ large: limits, small: limits }),
});

const runs = { numRuns: 300 };

test("nothing is in flight, reserved or negative in the end, and never is more in flight than a limit allows", () => {
  const total = { admitted: 0, refused: 0 };
  fc.assert(
    fc.property(keys, scopes, steps, (keyLimits, options, taken) => {
      const simulation = createSimulation(keyLimits, options);
      for (const step of taken) {
        simulation.run(step);
        expectWithinLimits(simulation, options);
      }
      simulation.finishAll();
      for (const scope of simulation.admission.snapshot()) {
        expect(scope.inFlight).toBe(0);
        expect(scope.reserved ?? { tokens: 0, cost: 0 }).toEqual({ tokens: 0, cost: 0 });
      }
      total.admitted += simulation.counts.admitted;
      total.refused += simulation.counts.refused;
    }),
    runs,
  );
  // Both ways are walked: with limits this tight, a world that only refuses would prove nothing.
  expect(total.admitted).toBeGreaterThan(1000);
  expect(total.refused).toBeGreaterThan(1000);
});

test("in no span of time does a scope get more than its limit and what flows in meanwhile", () => {
  fc.assert(
    fc.property(keys, scopes, steps, (keyLimits, options, taken) => {
      const simulation = createSimulation(keyLimits, options);
      for (const step of taken) simulation.run(step);
      for (const [scope, changes] of simulation.changes) {
        const { requestsPerMinute, tokensPerMinute } = limitsOf(scope, { simulation, options });
        expectBucketLaw(changes, "requests", requestsPerMinute);
        expectBucketLaw(changes, "tokens", tokensPerMinute);
      }
    }),
    runs,
  );
});

test("the ledger is what the engine counted, however requests end", () => {
  const unlimited: Limits = { budget: { period: "month", tokens: 1_000_000_000 } };
  const withinMay = steps.map((all) =>
    all.map((step) => (step.do === "wait" ? { ...step, milliseconds: step.milliseconds % 1000 } : step)),
  );
  fc.assert(
    fc.property(keys, withinMay, (keyLimits, taken) => {
      const simulation = createSimulation(keyLimits, { models: { large: unlimited, small: unlimited } });
      for (const step of taken) simulation.run(step);
      simulation.finishAll();
      const spent = simulation.admission
        .snapshot()
        .map(({ by, spent: own }) => (by === "model" ? (own?.tokens ?? 0) : 0));
      expect(spent.reduce((sum, tokens) => sum + tokens, 0)).toBe(simulation.counts.engineTokens);
    }),
    runs,
  );
});

type Simulation = ReturnType<typeof createSimulation>;

function limitsOf(
  scope: string,
  { simulation, options }: { simulation: Simulation; options: AdmissionOptions },
): Limits {
  const [by, name = ""] = scope.split(":");
  if (by === "team") return options.teams?.[name] ?? {};
  if (by === "model") return options.models?.[name] ?? {};
  return { ...options.defaults, ...simulation.keys.find(({ id }) => id === name)?.limits };
}

function expectWithinLimits(simulation: Simulation, options: AdmissionOptions): void {
  for (const scope of simulation.admission.snapshot()) {
    const { concurrency, budget } = limitsOf(`${scope.by}:${scope.name}`, { simulation, options });
    expect(scope.inFlight).toBeGreaterThanOrEqual(0);
    expect(scope.inFlight).toBeLessThanOrEqual(concurrency ?? Number.POSITIVE_INFINITY);
    const { reserved, spent } = scope;
    expect(reserved?.tokens ?? 0).toBeGreaterThanOrEqual(0);
    const taken = (reserved?.tokens ?? 0) + (spent?.tokens ?? 0);
    expect(taken).toBeLessThanOrEqual(budget?.tokens ?? Number.POSITIVE_INFINITY);
  }
}

/** Between any two changes, what was taken less what was given back is at most the limit and its inflow. */
function expectBucketLaw(changes: readonly Change[], kind: "requests" | "tokens", limit: number | undefined): void {
  if (limit === undefined) return;
  for (const [first, { at: begin }] of changes.entries()) {
    let taken = 0;
    for (const change of changes.slice(first)) {
      taken += change[kind];
      expect(taken).toBeLessThanOrEqual(limit + ((change.at - begin) * limit) / 60_000 + 1e-3);
    }
  }
}
