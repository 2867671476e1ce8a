import type { Observation } from "../create-gate.ts";
import type { GateInput } from "../gate.ts";
import { compareDependencies } from "./compare-dependencies.ts";
import { compareEntries, judgeEntries } from "./compare-entries.ts";
import { compareFiles, judgeFiles } from "./compare-files.ts";
import { type ContentsDetail, describeContents } from "./contents-details.ts";
import { declaredFor, judgeCode } from "./judge-code.ts";
import { judgeDependencies } from "./judge-dependencies.ts";
import { judgeScripts } from "./judge-scripts.ts";
import type { ReadRelease } from "./read-release.ts";

/** A package's release with the one before it. */
export interface ReleasePair {
  name: string;
  release: ReadRelease;
  last: ReadRelease | undefined;
  packedBytes: number;
}

/** What comparing two releases showed. */
export interface Comparison {
  observations: Observation[];
  detail: ContentsDetail;
}

/** Compares a release with the last one: files, code, dependencies, entry points. `known` as in {@link judgeDependencies}. */
export async function compareReleases(
  pair: ReleasePair,
  input: Pick<GateInput, "packages" | "policy" | "upstream" | "now">,
  known: ReadonlySet<string>,
): Promise<Comparison> {
  const { name, release, last } = pair;
  const policy = input.policy.contents;
  const declared = declaredFor(name, policy);
  const dependencies = release.manifest === undefined ? [] : compareDependencies(release.manifest, last?.manifest);
  const entries = release.manifest === undefined ? [] : compareEntries(release.manifest, last?.manifest);
  const context = {
    expected: new Set([...declared.dependencies, ...input.packages.map((item) => item.name)]),
    known,
    last: last?.version,
    minimumAgeDays: policy.minimumDependencyAgeDays,
    upstream: input.upstream,
    now: input.now,
  };
  return {
    observations: [
      ...judgeFiles(release, last, policy),
      ...judgeCode(release, last, declared),
      ...(await judgeDependencies(dependencies, context)),
      ...(release.manifest === undefined ? [] : judgeEntries(release.manifest, entries)),
      ...(last === undefined ? [] : judgeScripts(release.manifest, last.manifest, policy)),
    ],
    detail: describeContents({ ...pair, files: compareFiles(release, last), dependencies, entries }),
  };
}
