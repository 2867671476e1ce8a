import type { ReleaseContext } from "../release-context.ts";
import type { AnyStep, ReleaseState } from "./step.ts";

/**
 * Runs steps one after the other; once the plan is sealed, with a journal record before and after each. A step that an earlier run of the same
 * release ended gives its results from disk. Stops after a step that finds nothing to release.
 */
export async function runSteps(
  context: ReleaseContext,
  steps: readonly AnyStep[],
  initial: Partial<ReleaseState> = {},
): Promise<Partial<ReleaseState>> {
  let state: Partial<ReleaseState> = initial;
  for (const step of steps) {
    context.signal?.throwIfAborted();
    const given = await context.progress.step(step.title, (report) => runStep(context, { step, state, report }));
    state = { ...state, ...given };
    if (state.nothing !== undefined) return state;
  }
  return state;
}

interface StepRun {
  step: AnyStep;
  state: Partial<ReleaseState>;
  report: (text: string) => void;
}

async function runStep(context: ReleaseContext, { step, state, report }: StepRun): Promise<Partial<ReleaseState>> {
  const needed = pick(step, state);
  const wasDone = state.resumed?.steps.includes(step.name) === true;
  const resumed = wasDone ? await step.resume?.(context, needed) : undefined;
  if (resumed !== undefined) return resumed;
  // Before the plan is sealed nothing has an effect outside of the cache, so there is nothing to undo or to go on from.
  if (state.sealed === undefined) return step.run(context, needed, report);
  const entry = { release: state.sealed.id, kind: "step", target: step.name };
  return context.journal.effect(entry, () => step.run(context, needed, report));
}

function pick(step: AnyStep, state: Partial<ReleaseState>): ReleaseState {
  const missing = step.needs.filter((need) => !Object.hasOwn(state, need));
  if (missing.length > 0)
    throw new Error(`step ${step.name} needs ${missing.join(", ")}, which no step before it gave`);
  return state as ReleaseState;
}
