import type { SealedRelease } from "@hxp/evidence/release";
import type { GateResult } from "@hxp/release-gates";
import type { ReleasedPackage } from "@hxp/release-registry";
import type { BuiltTree } from "../build/build-tree.ts";
import type { JournaledRelease } from "../journal/journaled-releases.ts";
import type { NextVersions } from "../plan/assemble-versions.ts";
import type { DraftPlan } from "../plan/release-plan.ts";
import type { OpenRegistry } from "../registry/open-registry.ts";
import type { ReleaseContext } from "../release-context.ts";
import type { Signing } from "../evidence/signing.ts";
import type { Source } from "../workspace/git.ts";

/** What steps hand on. Each key is given by one step. */
export interface ReleaseState {
  source: Source;
  registry: OpenRegistry;
  signing: Signing;
  tools: Record<string, string>;
  /** Names what is released and where to; two runs with one key make one release. */
  key: string;
  draft: DraftPlan;
  versions: NextVersions;
  /** Continues an earlier run that did not end. */
  resumed: JournaledRelease | undefined;
  built: BuiltTree;
  sealed: SealedRelease;
  verdicts: GateResult[];
  packages: ReleasedPackage[];
  /** Set when there is nothing to release; the steps after are not run. */
  nothing: { current: { name: string; version: string }[]; warnings: string[] };
}

/** Says what a step does right now. */
export type Report = (text: string) => void;

/** One step of a release. The table of contents is release-steps.ts. */
export interface Step<Needs extends keyof ReleaseState = never, Gives extends keyof ReleaseState = never> {
  /** One word, as in the journal. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  readonly needs: readonly Needs[];
  readonly gives: readonly Gives[];
  run(
    context: ReleaseContext,
    state: Pick<ReleaseState, Needs>,
    report: Report,
  ): Promise<Partial<Pick<ReleaseState, Gives>>>;
  /**
   * Gives from disk what the step made in an earlier run that was cut off later; undefined when it has to run again.
   * A step without it runs again, and finds done what is done.
   */
  resume?(
    context: ReleaseContext,
    state: Pick<ReleaseState, Needs>,
  ): Promise<Partial<Pick<ReleaseState, Gives>> | undefined>;
  /** Takes back what the step did outside of this machine, for a release that is given up. */
  undo?(
    context: ReleaseContext,
    state: { registry: OpenRegistry; release: JournaledRelease },
    report: Report,
  ): Promise<void>;
}

/** A step whose needs the runner has checked. */
export type AnyStep = Step<keyof ReleaseState, keyof ReleaseState>;

/** Gives a step its types; the runner checks the needs when it runs it. */
export function defineStep<Needs extends keyof ReleaseState, Gives extends keyof ReleaseState>(
  step: Step<Needs, Gives>,
): AnyStep {
  return step;
}
