import { HxpError } from "@hxp/errors";
import { findOpenReleases, findOpenRollbacks, findResumed, readPlanInput } from "../plan/read-plan-input.ts";
import { hasEffects } from "../journal/journaled-releases.ts";
import { planRelease, sourceKey } from "../plan/plan-release.ts";
import { abandonRelease } from "./abandon-release.ts";
import { defineStep } from "./step.ts";
import { takeBackRelease } from "./take-back-release.ts";

/**
 * Decides what is released. A release of the same source that an earlier run began goes on; one of another source, or
 * whose channel somebody else has moved since, is taken back first, so that what it staged and half moved does not stay;
 * and a rollback that did not end is ended. A plan that waits for another channel goes on waiting.
 */
export const plan = defineStep({
  name: "plan",
  title: "Plan",
  needs: ["source", "registry", "signing"],
  gives: ["key", "draft", "versions", "resumed", "nothing"],
  run: async (context, { source, registry, signing }, report) => {
    for (const release of findOpenRollbacks(context, registry.identity))
      await takeBackRelease(context, { registry, signing, release, reason: release.rollingBack });
    report("reading changesets and the registry's state");
    const first = await readPlanInput(context, { source, registry });
    const key = sourceKey(first);
    const open = findOpenReleases(context, registry.identity);
    const resumed = findResumed(open, first);
    const { records } = context.journal;
    const stale = open.filter(
      (release) => release !== resumed && (release.channel === first.channel || hasEffects(records, release)),
    );
    for (const release of stale)
      await abandonRelease(context, { registry, release, reason: "its source or its channel has moved on" });
    const input = stale.length === 0 ? first : await readPlanInput(context, { source, registry });
    const outcome = planRelease(resumed === undefined ? input : withoutProgress(input, resumed));
    if (outcome.type === "nothing") return { key, nothing: { current: outcome.current, warnings: outcome.warnings } };
    for (const warning of outcome.draft.warnings) context.progress.warn(warning);
    if (resumed !== undefined) assertSamePackages(resumed, outcome.draft.packages);
    return { key, draft: outcome.draft, versions: outcome.versions, resumed };
  },
});

type Input = Awaited<ReturnType<typeof readPlanInput>>;
type Open = ReturnType<typeof findOpenReleases>[number];

/** The registry as it was before the release that goes on: without its versions, with the tags it found. */
function withoutProgress(input: Input, resumed: Open): Input {
  const state = structuredClone(input.registry.state) as Record<string, Input["registry"]["state"][string]>;
  for (const { name, version, expectedTag, onRegistry } of resumed.packages) {
    const known = state[name];
    if (known === undefined) continue;
    const versions = Object.entries(known.versions).filter(([present]) => present !== version || onRegistry);
    const tags = Object.entries(known.tags).filter(([tag]) => tag !== input.channel && tag !== resumed.stagingTag);
    state[name] = {
      ...known,
      versions: Object.fromEntries(versions),
      tags: Object.fromEntries(expectedTag === null ? tags : [...tags, [input.channel, expectedTag]]),
    };
  }
  return { ...input, registry: { ...input.registry, state } };
}

function assertSamePackages(resumed: Open, packages: readonly { name: string; version: string }[]): void {
  if (listVersions(resumed.packages) === listVersions(packages)) return;
  const planned = listVersions(resumed.packages);
  const id = resumed.id.slice(0, 12);
  throw new HxpError("PLAN_STALE", `Release ${id} was planned as ${planned}`, {
    hint: `Someone changed the registry since. \`pnpm release rollback ${id} --reason …\` takes the release back.`,
  });
}

function listVersions(packages: readonly { name: string; version: string }[]): string {
  const versions = packages.map(({ name, version }) => `${name}@${version}`);
  return versions.toSorted().join(" ");
}
