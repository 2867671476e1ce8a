import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { AttemptResult, Lease } from "../pipeline.ts";
import type { Router } from "./router.ts";
import { makeRequest, makeRouter } from "./testing/make-router.ts";
import { makeTarget } from "./testing/make-target.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const result: fc.Arbitrary<AttemptResult> = fc.oneof(
  { weight: 9, arbitrary: fc.constant<AttemptResult>({ type: "ok", firstByteMs: 1 }) },
  { weight: 1, arbitrary: fc.constant<AttemptResult>({ type: "fault", kind: "reset" }) },
  { weight: 1, arbitrary: fc.constant<AttemptResult>({ type: "neutral" }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("busy" as const),
      retryAfterMs: fc.option(fc.nat(5000), { nil: undefined }),
    }),
  },
);

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("acquire" as const),
      model: fc.constantFrom("guide", "other"),
      priority: fc.constantFrom("interactive" as const, "default" as const, "bulk" as const),
      tenant: fc.constantFrom("red", "blue", "green"),
      tokens: fc.nat(2000),
      excluded: fc.constantFrom("", "", "", "/a", "/b"),
      deadline: fc.option(fc.nat(3000), { nil: undefined, freq: 2 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("end" as const), which: fc.nat(), result, again: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("abort" as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("wait" as const), milliseconds: fc.nat(1500) }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** One call of acquire: what it came to, and whether its lease was ended. */
interface Call {
  readonly controller: AbortController;
  outcome: "waiting" | "leased" | "rejected" | "aborted";
  lease: Lease | undefined;
}

const codes = ["QUEUE_FULL", "QUEUE_TIMEOUT", "MODEL_UNAVAILABLE"];
const flush = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

function createWorld() {
  const models = Object.fromEntries(
    ["guide", "other"].map((model) => {
      const targets = [1, 2, 3].map((maxConcurrency, index) =>
        makeTarget(`${model}/${"abc"[index]}`, { maxConcurrency }),
      );
      return [model, { targets }];
    }),
  );
  const { router } = makeRouter([], {
    models,
    queue: { size: 5, wait: 30_000 },
    breaker: { failures: 3, open: 500, maxOpen: 4000, minimumAttempts: 8 },
  });
  const calls: Call[] = [];
  const live = (): Call[] => calls.filter(({ lease }) => lease !== undefined);
  return { router, calls, live };
}
type World = ReturnType<typeof createWorld>;

function acquire({ router, calls }: World, asked: Extract<Step, { do: "acquire" }>): void {
  const { model, excluded, deadline, ...values } = asked;
  const call: Call = { controller: new AbortController(), outcome: "waiting", lease: undefined };
  calls.push(call);
  const request = makeRequest({
    ...values,
    model,
    exclude: new Set(excluded === "" ? [] : [`${model}${excluded}`]),
    signal: call.controller.signal,
    ...(deadline === undefined ? {} : { deadlineAt: Date.now() + deadline }),
  });
  const settle = (outcome: Call["outcome"], lease?: Lease): void => {
    expect(call.outcome).toBe("waiting");
    call.outcome = outcome;
    call.lease = lease;
    if (lease !== undefined) expect(request.exclude.has(lease.target.id)).toBe(false);
  };
  void router.acquire(request).then(
    (lease) => settle("leased", lease),
    (error: { code?: string }) => settle(codes.includes(error.code ?? "") ? "rejected" : "aborted"),
  );
}

function end(call: Call, { again, ...ended }: { result: AttemptResult; again: boolean }): void {
  const { lease } = call;
  call.lease = undefined;
  lease?.end(ended.result);
  if (again) lease?.end({ type: "fault", kind: "told twice" });
}

async function runStep(world: World, taken: Step): Promise<void> {
  if (taken.do === "wait") await vi.advanceTimersByTimeAsync(taken.milliseconds);
  if (taken.do === "acquire") acquire(world, taken);
  if (taken.do === "end") {
    const live = world.live();
    const call = live[taken.which % Math.max(1, live.length)];
    if (call !== undefined) end(call, taken);
  }
  if (taken.do === "abort") {
    const waiting = world.calls.filter(({ outcome }) => outcome === "waiting");
    waiting[taken.which % Math.max(1, waiting.length)]?.controller.abort(new Error("gone"));
  }
  await flush();
}

/** Targets hold the leases that were given and not ended, within their bounds; nobody waits while one has room. */
function expectConsistent(router: Router, live: readonly Call[]): void {
  for (const { targets, waiting } of Object.values(router.snapshot())) {
    for (const { id, inFlight, maxConcurrency } of targets) {
      expect(inFlight).toBe(live.filter(({ lease }) => lease?.target.id === id).length);
      expect(inFlight).toBeLessThanOrEqual(maxConcurrency);
    }
    const isWaiting = waiting.interactive + waiting.default + waiting.bulk > 0;
    const free = targets.filter(
      ({ state, restsUntil, inFlight, maxConcurrency }) =>
        state === "closed" && !restsUntil && inFlight < maxConcurrency,
    );
    // One that excludes a target may wait for the others, so at most that one is free.
    if (isWaiting) expect(free.length).toBeLessThanOrEqual(1);
  }
}

test("targets are never given more than they take, leases end once, and every request that waits comes to an end", async () => {
  const outcomes = { waiting: 0, leased: 0, rejected: 0, aborted: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 60, maxLength: 150 }), async (steps) => {
      const world = createWorld();
      for (const taken of steps) {
        await runStep(world, taken);
        expectConsistent(world.router, world.live());
      }
      for (
        let round = 0;
        round < 200 && world.calls.some(({ outcome, lease }) => outcome === "waiting" || lease);
        round += 1
      ) {
        for (const call of world.live()) end(call, { result: { type: "ok", firstByteMs: 1 }, again: false });
        await vi.advanceTimersByTimeAsync(500);
      }
      for (const { outcome } of world.calls) outcomes[outcome] += 1;
      for (const { targets, waiting, waitingTokens } of Object.values(world.router.snapshot())) {
        expect(waiting).toEqual({ interactive: 0, default: 0, bulk: 0 });
        expect(waitingTokens).toBe(0);
        for (const target of targets) expect(target).toMatchObject({ inFlight: 0, inFlightTokens: 0 });
      }
      await world.router[Symbol.asyncDispose]();
      expect(vi.getTimerCount()).toBe(0);
    }),
    { numRuns: 150 },
  );
  expect(outcomes.waiting).toBe(0);
  for (const each of [outcomes.leased, outcomes.rejected, outcomes.aborted]) expect(each).toBeGreaterThan(100);
});
