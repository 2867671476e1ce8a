import { mapConcurrently } from "../map-concurrently.ts";
import type { RegistryClient } from "../client/registry-client.ts";
import {
  type OnProgress,
  type PackageVersion,
  type RecordEffect,
  recordNothing,
  type ReleasedPackage,
} from "../released-package.ts";
import { runRecorded } from "../run-recorded.ts";
import { planStaging, type PlannedUpload } from "./plan-staging.ts";
import { readRegistryState } from "./read-registry-state.ts";

/** What {@link stagePackages} takes. */
export interface StageOptions {
  readonly client: RegistryClient;
  readonly packages: readonly ReleasedPackage[];
  /** The tag that the release waits under; no consumer asks for it. */
  readonly stagingTag: string;
  /** Names of versions that an earlier call submitted for approval, and that are not sent again; only in mode `staged`. */
  readonly submitted?: readonly string[];
  /** Called as soon as a version is submitted, so that it can be written down before anything else happens. */
  readonly onSubmitted?: (pkg: PackageVersion, stageId: string | null) => void;
  readonly record?: RecordEffect;
  readonly onProgress?: OnProgress;
}

/** What {@link stagePackages} did. */
export interface Staged {
  /** Names of the packages whose version this call put on the registry. */
  readonly uploaded: readonly string[];
  /** Names of those whose version was there with the same bytes. */
  readonly present: readonly string[];
  /** New names that the registry pointed `latest` to by itself: consumers see them before promotion. */
  readonly implicitLatest: readonly string[];
}

/**
 * Uploads packages under a staging tag, leaving every channel tag alone. All are compared with the registry before the
 * first upload; calling it again after a failure goes on where it stopped.
 */
export async function stagePackages(options: StageOptions): Promise<Staged> {
  const { client, packages, stagingTag, submitted = [] } = options;
  const names = packages.map(({ name }) => name);
  const state = await readRegistryState(client, names);
  const plan = planStaging(state, packages);
  const withAction = (action: PlannedUpload["action"]): string[] =>
    plan.filter((planned) => planned.action === action).map(({ name }) => name);
  const present = withAction("present");
  const left = packages.filter(({ name, version }) =>
    present.includes(name) ? state[name]?.tags[stagingTag] !== version : !submitted.includes(name),
  );
  await stageLeft(left, { ...options, present: new Set(present) });
  return {
    uploaded: withAction("upload"),
    present,
    implicitLatest: stagingTag === "latest" ? [] : await findImplicitLatest(client, plan),
  };
}

async function stageLeft(
  left: readonly ReleasedPackage[],
  options: StageOptions & { present: ReadonlySet<string> },
): Promise<void> {
  const { client, packages, present, stagingTag, record = recordNothing, onProgress, onSubmitted } = options;
  let done = packages.length - left.length;
  await runRecorded([left], {
    limit: client.concurrency,
    record,
    describe: ({ name, version, integrity }) =>
      present.has(name)
        ? { kind: "set-tag", target: `${name}:${stagingTag}`, data: { version } }
        : { kind: "publish", target: `${name}@${version}`, data: { integrity, tag: stagingTag } },
    run: async (pkg) => {
      const { name, version } = pkg;
      if (present.has(name)) await client.setTag(name, stagingTag, version);
      else {
        const { stageId } = await client.publish(pkg, stagingTag);
        if (stageId !== undefined) onSubmitted?.({ name, version }, stageId);
      }
      done += 1;
      onProgress?.({ step: "stage", done, total: packages.length, note: `${name}@${version}` });
    },
  });
}

async function findImplicitLatest(client: RegistryClient, plan: readonly PlannedUpload[]): Promise<string[]> {
  const isNew = plan.filter((planned) => planned.isNew);
  const tags = await mapConcurrently(isNew, client.concurrency, ({ name }) => client.readTags(name));
  return isNew.filter((_, index) => tags[index]?.["latest"] !== undefined).map(({ name }) => name);
}
