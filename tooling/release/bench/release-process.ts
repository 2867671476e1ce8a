import { sendMessage } from "execa";
import { withReleaseContext } from "../src/open-context.ts";
import { silentProgress } from "../src/output/progress.ts";
import { judge } from "../src/steps/judge.ts";
import { promote } from "../src/steps/promote.ts";
import { readBack } from "../src/steps/read-back.ts";
import { planSteps } from "../src/steps/release-steps.ts";
import { runSteps } from "../src/steps/run-steps.ts";
import { sign } from "../src/steps/sign.ts";
import { stage } from "../src/steps/stage.ts";
import type { ReleaseRun } from "./run-release.ts";

/** The program of run-release.ts: the very steps of `pnpm release`, with lease, journal and all. */
const [workspace = "", state = "", until] = process.argv.slice(2);
const preparing = [...planSteps, judge, sign];
const steps = until === "signed" ? preparing : [...preparing, stage, readBack, promote];
const durations = new Map<string, number>();

const settings = { cwd: workspace, state, purpose: "measure a release", progress: silentProgress };
const { sealed } = await withReleaseContext(settings, (context) => {
  const progress = { ...silentProgress, step: time };
  return runSteps({ ...context, progress }, steps);
});
await sendMessage({
  releaseCommit: sealed?.plan.releaseCommit ?? "",
  durations: Object.fromEntries(steps.map(({ name, title }) => [name, durations.get(title) ?? 0])),
} satisfies ReleaseRun);

async function time<T>(title: string, run: (report: () => void) => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await run(() => {});
  durations.set(title, performance.now() - start);
  return result;
}
