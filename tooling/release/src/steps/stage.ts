import { HxpError } from "@hxp/errors";
import { verifySealedRelease } from "@hxp/evidence/release";
import {
  readRegistryState,
  type RecordEffect,
  type ReleasedPackage,
  stagePackages,
  unstagePackages,
} from "@hxp/release-registry";
import type { Journal } from "../journal/journal.ts";
import { readBegun } from "../journal/journaled-releases.ts";
import { readSubmissions, recordSubmission, renderSubmissions, type Submission } from "../journal/submissions.ts";
import type { OpenRegistry } from "../registry/open-registry.ts";
import { publishedForm } from "../registry/published-form.ts";
import type { ReleaseContext } from "../release-context.ts";
import { defineStep } from "./step.ts";

/** Uploads under a staging tag. The plan and every tarball are checked once more first: nothing else may leave. */
export const stage = defineStep({
  name: "stage",
  title: "Stage",
  needs: ["sealed", "packages", "registry", "signing"],
  gives: [],
  run: async (context, { sealed, packages, registry, signing }, report) => {
    verifySealedRelease(sealed, signing);
    await assertMayPublish(context, { registry, packages });
    const { implicitLatest } = await stagePackages({
      client: registry.client,
      packages: publishedForm(context, { registry, packages }),
      stagingTag: sealed.plan.stagingTag,
      submitted: readSubmissions(context.journal.records, sealed.id).map(({ name }) => name),
      onSubmitted: (version, stageId) => recordSubmission(context.journal, sealed.id, { ...version, stageId }),
      record: recordIn(context.journal, sealed.id),
      onProgress: ({ done, total, note }) => report(`${done} of ${total} ${note ?? ""}`),
    });
    if (implicitLatest.length > 0)
      context.progress.warn(`${registry.name} pointed latest at: ${implicitLatest.join(", ")}`);
    const waiting = await findWaiting(context, { registry, release: sealed.id });
    if (waiting.length > 0)
      context.progress.note(`Approve what waits on ${registry.name}:\n${renderSubmissions("approve", waiting)}`);
    return {};
  },
  undo: async (context, { registry, release }, report) => {
    const begun = readBegun(context.journal.records, release, ["publish"]);
    await unstagePackages({
      client: registry.client,
      packages: release.packages,
      stagingTag: release.stagingTag,
      uploaded: release.packages
        .filter(({ name, version, onRegistry }) => !onRegistry && begun.has(`${name}@${version}`))
        .map(({ name }) => name),
      capabilities: registry.capabilities,
      record: recordIn(context.journal, release.id),
      onProgress: ({ done, total, note }) => report(`${done} of ${total} ${note ?? ""}`),
    });
    const waiting = await findWaiting(context, { registry, release: release.id });
    if (waiting.length > 0)
      context.progress.warn(
        `Nobody may approve what waits on ${registry.name}:\n${renderSubmissions("reject", waiting)}`,
      );
  },
});

/** Versions of a release that were submitted for approval and that the registry does not show yet. */
async function findWaiting(
  { journal }: ReleaseContext,
  { registry, release }: { registry: OpenRegistry; release: string },
): Promise<Submission[]> {
  const submissions = readSubmissions(journal.records, release);
  if (submissions.length === 0) return [];
  const names = submissions.map(({ name }) => name);
  const state = await readRegistryState(registry.client, names);
  return submissions.filter(({ name, version }) => state[name]?.versions[version] === undefined);
}

async function assertMayPublish(
  context: ReleaseContext,
  { registry, packages }: { registry: OpenRegistry; packages: readonly ReleasedPackage[] },
): Promise<void> {
  if (registry.account === undefined) {
    throw new HxpError("REGISTRY_UNAUTHORIZED", `There is no credential for ${registry.name} (${registry.url})`, {
      hint: "Set NPM_TOKEN, or put the registry's _authToken into ~/.npmrc.",
    });
  }
  if (registry.isLocal || registry.settings.acceptFirstLatest || context.options.acceptFirstLatest === true) return;
  const names = packages.map(({ name }) => name);
  const state = await readRegistryState(registry.client, names);
  const isNew = names.filter((name) => Object.keys(state[name]?.versions ?? {}).length === 0);
  if (isNew.length === 0) return;
  throw new HxpError("FIRST_LATEST_UNACCEPTED", `${registry.name} has never had ${isNew.join(", ")}`);
}

/** Writes each effect on the registry to the journal, before and after. */
export function recordIn(journal: Journal, release: string): RecordEffect {
  return ({ kind, target, data }, run) => {
    const entry = data === undefined ? {} : { data: JSON.parse(JSON.stringify(data)) as Record<string, never> };
    return journal.effect({ release, kind, target, ...entry }, run);
  };
}
