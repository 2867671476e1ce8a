import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isHxpError } from "@hxp/errors";
import { requiredGates } from "@hxp/evidence/release";
import { type GateResult, isBlocking } from "@hxp/release-gates";
import { withReleaseContext } from "../open-context.ts";
import type { Progress } from "../output/progress.ts";
import { judge } from "../steps/judge.ts";
import { planSteps } from "../steps/release-steps.ts";
import { runSteps } from "../steps/run-steps.ts";
import { releasePaths } from "../workspace/release-paths.ts";

/** What {@link judgeWorkspace} takes. */
export interface JudgeOptions {
  progress: Progress;
  /** Absolute folder of imported databases: what is known does not depend on where an update is tried. */
  databases: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal | undefined;
}

/** How the gates judged a workspace; `notRun` names those that the policy lets a rehearsal do without, and why. */
export type Judgement = { passed: true; results: GateResult[]; notRun: string[] } | { passed: false; reason: string };

const shownFindings = 10;

/**
 * Builds and packs what is committed in a workspace, as for a first release to a throw-away registry, and lets every gate
 * judge it, whatever the configuration leaves out of a rehearsal. The plan is signed with a throw-away key; nothing is published.
 */
export async function judgeWorkspace(workspace: string, options: JudgeOptions): Promise<Judgement> {
  const { progress, databases, env, signal } = options;
  const state = mkdtempSync(join(tmpdir(), "hxp-judge-"));
  try {
    const target = { options: { to: "local" }, state, databases };
    const settings = { cwd: workspace, purpose: "deps update", ...target, progress, env };
    const { verdicts = [] } = await withReleaseContext(
      signal === undefined ? settings : { ...settings, signal },
      (context) =>
        runSteps({ ...context, config: { ...context.config, gates: [...requiredGates] } }, [...planSteps, judge]),
    );
    return { passed: true, results: verdicts, notRun: listNotRun(verdicts) };
  } catch (error) {
    signal?.throwIfAborted();
    return { passed: false, reason: describeFailure(error) };
  } finally {
    for (const folder of [state, releasePaths(state, env).work]) rmSync(folder, { recursive: true, force: true });
  }
}

function listNotRun(verdicts: readonly GateResult[]): string[] {
  return verdicts
    .filter(({ verdict }) => verdict === "not-run")
    .map(({ gate, reason }) => `not run: ${gate}: ${reason ?? "it says no reason"}`);
}

function describeFailure(error: unknown): string {
  if (!isHxpError(error)) return error instanceof Error ? error.message : String(error);
  const verdicts = (error.details["verdicts"] ?? []) as GateResult[];
  const lines = verdicts
    .filter((verdict) => isBlocking(verdict))
    .flatMap(({ findings }) => findings)
    .filter(({ severity, waiver }) => severity === "error" && waiver === undefined)
    .map(({ gate, rule, package: name, where, message }) => `${gate}/${rule} ${name ?? ""} ${where}: ${message}`);
  const more = lines.length > shownFindings ? [`and ${lines.length - shownFindings} more`] : [];
  return [error.message, ...lines.slice(0, shownFindings), ...more].join("\n");
}
