import { HxpError } from "@hxp/errors";
import {
  readRegistryState,
  type RecordEffect,
  type ReleasedPackage,
  stagePackages,
  unstagePackages,
} from "@hxp/release-registry";
import { verifySealedRelease } from "../evidence/load-sealed-release.ts";
import type { Journal } from "../journal/journal.ts";
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
    const staged = await stagePackages({
      client: registry.client,
      packages: publishedForm(context, { registry, packages }),
      stagingTag: sealed.plan.stagingTag,
      record: recordIn(context.journal, sealed.id),
      onProgress: ({ done, total, note }) => report(`${done} of ${total} ${note ?? ""}`),
    });
    const { implicitLatest, stageIds } = staged;
    if (implicitLatest.length > 0)
      context.progress.warn(`${registry.name} pointed latest at: ${implicitLatest.join(", ")}`);
    const waiting = Object.entries(stageIds);
    if (waiting.length > 0) {
      const commands = waiting.map(([name, id]) => `  npm stage approve ${id}   # ${name}`);
      context.progress.note(["Approve what waits on the registry, with your second factor:", ...commands].join("\n"));
    }
    return {};
  },
  undo: async (context, { registry, release }, report) => {
    const begun = context.journal.records.filter(
      (record) => record.release === release.id && record.kind === "publish" && record.phase === "before",
    );
    await unstagePackages({
      client: registry.client,
      packages: release.packages,
      stagingTag: release.stagingTag,
      uploaded: release.packages
        .filter(
          ({ name, version, onRegistry }) => !onRegistry && begun.some(({ target }) => target === `${name}@${version}`),
        )
        .map(({ name }) => name),
      capabilities: registry.capabilities,
      record: recordIn(context.journal, release.id),
      onProgress: ({ done, total, note }) => report(`${done} of ${total} ${note ?? ""}`),
    });
  },
});

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
