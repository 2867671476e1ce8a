import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ReleasePlan } from "@hxp/evidence";
import { HxpError } from "@hxp/errors";
import { pagesFolder } from "../evidence/write-pages.ts";
import { hasEffects } from "../journal/journaled-releases.ts";
import { findOpenReleases, findOpenRollbacks, findResumed, readPlanInput } from "../plan/read-plan-input.ts";
import { sourceKey } from "../plan/plan-release.ts";
import type { ReleaseContext } from "../release-context.ts";
import { planSteps, publishSteps, releaseSteps } from "../steps/release-steps.ts";
import { runSteps } from "../steps/run-steps.ts";
import type { ReleaseState } from "../steps/step.ts";

/** How a release command ended. */
export type ReleaseOutcome =
  | { outcome: "nothing"; current: { name: string; version: string }[]; warnings: string[] }
  | {
      outcome: "planned" | "released";
      id: string;
      plan: ReleasePlan;
      evidence: string;
      report?: string;
      durationMs: number;
    };

/** `pnpm release`: plans and publishes, or goes on with what an earlier run began. */
export async function release(context: ReleaseContext): Promise<ReleaseOutcome> {
  return describe(context, "released", () => runSteps(context, releaseSteps));
}

/**
 * `pnpm release plan`: makes and signs the plan. Nothing leaves the machine: where an earlier release or rollback would
 * have to be ended on the registry first, it is refused with RELEASE_UNFINISHED.
 */
export async function planOnly(context: ReleaseContext): Promise<ReleaseOutcome> {
  return describe(context, "planned", async () => {
    const [preflight, ...rest] = planSteps;
    const state = await runSteps(context, [preflight]);
    await assertNothingToTakeBack(context, state);
    return runSteps(context, rest, state);
  });
}

/**
 * `pnpm release publish [id]`: publishes a signed plan.
 *
 * @param id beginning of the plan's id; default: the one that was made for the present source
 */
export async function publish(context: ReleaseContext, id?: string): Promise<ReleaseOutcome> {
  return describe(context, "released", async () => {
    const [preflight, ...rest] = planSteps;
    const state = await runSteps(context, [preflight]);
    await assertPlanned(context, { state, id });
    return runSteps(context, [...rest, ...publishSteps], state);
  });
}

async function assertNothingToTakeBack(context: ReleaseContext, state: Partial<ReleaseState>): Promise<void> {
  const { source, registry } = requirePreflight(state);
  const [rollback] = findOpenRollbacks(context, registry.identity);
  const open = findOpenReleases(context, registry.identity);
  const begun = open.filter((entry) => hasEffects(context.journal.records, entry));
  const resumed =
    begun.length === 0 ? undefined : findResumed(open, await readPlanInput(context, { source, registry }));
  const unfinished = rollback ?? begun.find((entry) => entry !== resumed);
  if (unfinished === undefined) return;
  const id = unfinished.id.slice(0, 12);
  throw new HxpError(
    "RELEASE_UNFINISHED",
    rollback === undefined
      ? `Release ${id} of commit ${unfinished.source.slice(0, 12)} was begun on ${registry.name} and has not ended`
      : `The rollback of ${id} on ${registry.name} has not ended`,
  );
}

function requirePreflight({ source, registry }: Partial<ReleaseState>) {
  if (source === undefined || registry === undefined) throw new Error("preflight gave no source or registry");
  return { source, registry };
}

async function assertPlanned(
  context: ReleaseContext,
  { state, id }: { state: Partial<ReleaseState>; id: string | undefined },
): Promise<void> {
  const { source, registry } = requirePreflight(state);
  const open = findOpenReleases(context, registry.identity).filter(
    (entry) => id === undefined || entry.id.startsWith(id),
  );
  if (open.length === 0) {
    throw new HxpError(
      "PLAN_MISSING",
      `No signed plan${id === undefined ? "" : ` ${id}`} for ${registry.name} waits to be published`,
    );
  }
  const input = await readPlanInput(context, { source, registry });
  if (findResumed(open, input) !== undefined) return;
  const [latest] = open.toReversed();
  const why =
    latest?.sourceKey === sourceKey(input)
      ? `${latest.channel} has been moved since`
      : `it was made for commit ${latest?.source.slice(0, 12)}, not for what is here`;
  throw new HxpError("PLAN_STALE", `Plan ${latest?.id.slice(0, 12)} cannot be published: ${why}`, {
    details: { plan: latest?.id, planned: latest?.source, present: source.commit },
  });
}

async function describe(
  context: ReleaseContext,
  outcome: "planned" | "released",
  run: () => Promise<Partial<ReleaseState>>,
): Promise<ReleaseOutcome> {
  const started = context.clock();
  const { nothing, sealed } = await run();
  if (nothing !== undefined) return { outcome: "nothing", ...nothing };
  if (sealed === undefined) throw new Error("the steps ended without a plan");
  const page = join(pagesFolder(context, sealed.id), "index.html");
  return {
    outcome,
    id: sealed.id,
    plan: sealed.plan,
    evidence: sealed.folder,
    ...(outcome === "released" && existsSync(page) ? { report: page } : {}),
    durationMs: context.clock() - started,
  };
}
