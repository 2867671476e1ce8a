import { describe, expect, test } from "vitest";
import { beginState, nextState, reportState, type ServiceEvent, type ServiceState } from "./service-state.ts";

const drain: ServiceEvent = { type: "drain", reason: "SIGTERM", deadlineMs: 30_000 };
const proved: ServiceEvent = { type: "proved" };
const stop: ServiceEvent = { type: "stop", reason: "SIGTERM" };
const phase: ServiceEvent = { type: "phase", phase: "loading", remainingMs: 5_000 };

const after = (...events: ServiceEvent[]): ServiceState =>
  events.reduce((state, event, index) => nextState(state, event, 100 * (index + 1)), beginState(0));

describe("the state of a service", () => {
  test("goes from starting to ready, draining and stopped", () => {
    const stages = [after(), after(phase), after(proved), after(proved, drain), after(proved, drain, stop)];
    expect(stages.map(({ stage }) => stage)).toEqual(["starting", "starting", "ready", "draining", "stopped"]);
  });

  test("goes to draining and stopped from any stage before", () => {
    expect(after(drain).stage).toBe("draining");
    expect(after(stop).stage).toBe("stopped");
  });

  test.each([
    ["progress when ready", [proved], phase],
    ["progress when draining", [drain], phase],
    ["a proof when draining", [drain], proved],
    ["a second drain", [proved, drain], drain],
    ["anything after the end", [stop], drain],
    ["a second end", [stop], stop],
  ] as [string, ServiceEvent[], ServiceEvent][])("is not changed by %s", (_, before, event) => {
    const state = after(...before);
    expect(nextState(state, event, 9_999)).toBe(state);
  });

  test("says how long it has taken and will take", () => {
    expect(reportState(after(phase), 1_100)).toEqual({
      stage: "starting",
      phase: "loading",
      elapsedMs: 1_100,
      phaseElapsedMs: 1_000,
      etaMs: 4_000,
    });
    expect(reportState(after(phase), 999_999).etaMs).toBe(0);
    expect(reportState(after(proved), 200)).toMatchObject({ stage: "ready", phaseElapsedMs: 100, etaMs: null });
    expect(reportState(after(proved, drain), 200)).toMatchObject({ phase: "SIGTERM", etaMs: 30_000 });
  });
});
