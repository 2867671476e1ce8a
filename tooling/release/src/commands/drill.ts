import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HxpError } from "@hxp/errors";
import { withReleaseContext } from "../open-context.ts";
import { openRepository } from "../workspace/git.ts";
import { releasePaths } from "../workspace/release-paths.ts";
import type { Progress } from "../output/progress.ts";
import { openRegistry } from "../registry/open-registry.ts";
import type { ReleaseContext } from "../release-context.ts";
import { release, type ReleaseOutcome } from "./release.ts";
import { rollBack } from "./roll-back.ts";

/** What a drill did, and what it found after each part. */
export interface DrillOutcome {
  steps: { what: string; durationMs: number; found: string }[];
}

/** What {@link drill} takes. */
export interface DrillOptions {
  cwd: string;
  progress: Progress;
  signal: AbortSignal;
}

/**
 * `pnpm release rollback --drill`: releases the workspace to a throw-away registry, rolls it back, releases it again,
 * and checks the channel each time. The workspace's own registry, journal, keys and git tags are not touched.
 */
export async function drill({ cwd, progress, signal }: DrillOptions): Promise<DrillOutcome> {
  const state = mkdtempSync(join(tmpdir(), "hxp-drill-"));
  await removeDrillTags(cwd);
  const steps: DrillOutcome["steps"] = [];
  const run = async (what: string, { work, expected, restore = false }: DrillPart): Promise<void> => {
    progress.note(`\n${what}`);
    const started = performance.now();
    const settings = {
      cwd,
      purpose: "drill",
      state,
      options: { to: "local", allowDirty: true, restore, tagPrefix },
      progress,
      signal,
    };
    const found = await withReleaseContext(settings, async (context) => {
      const outcome = await work(context);
      return checkChannel(context, { outcome, expected });
    });
    steps.push({ what, durationMs: Math.round(performance.now() - started), found });
  };
  let released: ReleaseOutcome | undefined;
  const releaseAll = async (context: ReleaseContext): Promise<ReleaseOutcome> => (released = await release(context));
  try {
    await run("release", { work: releaseAll, expected: "released" });
    await run("rollback", {
      work: async (context) => {
        await rollBack(context, { reason: "drill" });
        return released;
      },
      expected: "none",
    });
    await run("release again", { work: releaseAll, expected: "released", restore: true });
  } finally {
    for (const folder of [state, releasePaths(state, process.env).work])
      rmSync(folder, { recursive: true, force: true });
    await removeDrillTags(cwd);
  }
  return { steps };
}

const tagPrefix = "hxp-drill/";

/** Those of a drill that was killed, too. */
async function removeDrillTags(cwd: string): Promise<void> {
  const { git } = await openRepository(cwd, process.env);
  const tags = await git(["for-each-ref", "--format=%(refname)", `refs/tags/${tagPrefix}`]);
  for (const tag of tags.split("\n").filter((line) => line !== "")) await git(["update-ref", "-d", tag]);
}

interface DrillPart {
  work: (context: ReleaseContext) => Promise<ReleaseOutcome | undefined>;
  expected: "released" | "none";
  restore?: boolean;
}

/** A drill that does not look is a rehearsal of printing. */
async function checkChannel(
  context: ReleaseContext,
  { outcome, expected }: { outcome: ReleaseOutcome | undefined; expected: "released" | "none" },
): Promise<string> {
  if (outcome === undefined || outcome.outcome === "nothing") {
    throw new HxpError("RELEASE_UNKNOWN", "The drill had nothing to release");
  }
  const { client } = await openRegistry(context);
  const { channel, packages } = outcome.plan;
  for (const { name, version } of packages) {
    const tag = (await client.readTags(name))?.[channel];
    const wanted = expected === "released" ? version : undefined;
    if (tag !== wanted) {
      throw new HxpError(
        "DRIFT_FOUND",
        `After the drill's part, ${channel} of ${name} is ${tag ?? "none"}, expected ${wanted ?? "none"}`,
      );
    }
  }
  return expected === "released" ? `${channel} of ${packages.length} packages at the release` : `${channel} of none`;
}
