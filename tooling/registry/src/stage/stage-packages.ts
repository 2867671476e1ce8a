import { mapConcurrently } from "../map-concurrently.ts";
import type { RegistryClient } from "../client/registry-client.ts";
import type { Published } from "../client/publish-package.ts";
import { type OnProgress, type RecordEffect, recordNothing, type ReleasedPackage } from "../released-package.ts";
import { runRecorded } from "../run-recorded.ts";
import { planStaging, type PlannedUpload } from "./plan-staging.ts";
import { readRegistryState } from "./read-registry-state.ts";

/** What {@link stagePackages} takes. */
export interface StageOptions {
  readonly client: RegistryClient;
  readonly packages: readonly ReleasedPackage[];
  /** The tag that the release waits under; no consumer asks for it. */
  readonly stagingTag: string;
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
  /** npm's ids of versions that wait for approval, by name; only in mode `staged`. */
  readonly stageIds: Readonly<Record<string, string>>;
}

/**
 * Uploads packages under a staging tag, leaving every channel tag alone. All are compared with the registry before the
 * first upload; calling it again after a failure goes on where it stopped.
 */
export async function stagePackages(options: StageOptions): Promise<Staged> {
  const { client, packages, stagingTag } = options;
  const names = packages.map(({ name }) => name);
  const state = await readRegistryState(client, names);
  const plan = planStaging(state, packages);
  const withAction = (action: PlannedUpload["action"]): string[] =>
    plan.filter((planned) => planned.action === action).map(({ name }) => name);
  const present = withAction("present");
  const left = packages.filter(
    ({ name, version }) => !present.includes(name) || state[name]?.tags[stagingTag] !== version,
  );
  const results = await stageLeft(left, { ...options, present: new Set(present) });
  return {
    uploaded: withAction("upload"),
    present,
    implicitLatest: stagingTag === "latest" ? [] : await findImplicitLatest(client, plan),
    stageIds: Object.fromEntries(
      results.flatMap(([name, { stageId }]) => (stageId === undefined ? [] : [[name, stageId]])),
    ),
  };
}

async function stageLeft(
  left: readonly ReleasedPackage[],
  options: StageOptions & { present: ReadonlySet<string> },
): Promise<(readonly [name: string, published: Published])[]> {
  const { client, packages, present, stagingTag, record = recordNothing, onProgress } = options;
  let done = packages.length - left.length;
  return runRecorded([left], {
    limit: client.concurrency,
    record,
    describe: ({ name, version, integrity }) =>
      present.has(name)
        ? { kind: "set-tag", target: `${name}:${stagingTag}`, data: { version } }
        : { kind: "publish", target: `${name}@${version}`, data: { integrity, tag: stagingTag } },
    run: async (pkg) => {
      const { name, version } = pkg;
      let published: Published = {};
      if (present.has(name)) await client.setTag(name, stagingTag, version);
      else published = await client.publish(pkg, stagingTag);
      done += 1;
      onProgress?.({ step: "stage", done, total: packages.length, note: `${name}@${version}` });
      return [name, published] as const;
    },
  });
}

async function findImplicitLatest(client: RegistryClient, plan: readonly PlannedUpload[]): Promise<string[]> {
  const isNew = plan.filter((planned) => planned.isNew);
  const tags = await mapConcurrently(isNew, client.concurrency, ({ name }) => client.readTags(name));
  return isNew.filter((_, index) => tags[index]?.["latest"] !== undefined).map(({ name }) => name);
}
