import { compareDistribution, type Difference, readRegistryState } from "@hxp/release-registry";
import { expectedDistribution, readRunningReleases } from "../journal/expected-distribution.ts";
import { type JournaledRelease, readReleases } from "../journal/journaled-releases.ts";
import { openRegistry } from "../registry/open-registry.ts";
import type { ReleaseContext } from "../release-context.ts";
import { readWorkspace } from "../workspace/read-workspace.ts";

/** What is where. */
export interface Status {
  registry: { name: string; identity: string };
  /** Every tag of every package: the version, and whether its digest is the one that the journal knows. */
  channels: {
    channel: string;
    package: string;
    version: string;
    digest: "as-released" | "differs" | "not-in-journal";
  }[];
  releases: Pick<JournaledRelease, "id" | "state" | "channel" | "sealedAt" | "endedAt" | "reason">[];
  differences: Difference[];
}

/** `pnpm release status`: channels, what is on each, and digests against the journal. Reads only. */
export async function readStatus(context: ReleaseContext): Promise<Status> {
  const registry = await openRegistry(context);
  const expected = expectedDistribution(context.journal.records, registry.identity);
  const { packages } = await readWorkspace(context.workspace);
  const names = [
    ...new Set([...Object.keys(expected), ...packages.filter((entry) => !entry.private).map(({ name }) => name)]),
  ];
  const state = await readRegistryState(registry.client, names);
  const channels = names.flatMap((name) =>
    Object.entries(state[name]?.tags ?? {}).map(([channel, version]) => ({
      channel,
      package: name,
      version,
      digest: compareDigest(expected[name]?.versions[version]?.integrity, state[name]?.versions[version]?.integrity),
    })),
  );
  const releases = readReleases(context.journal.records)
    .filter((release) => release.registry.identity === registry.identity)
    .map(({ id, state: ending, channel, sealedAt, endedAt, reason }) => ({
      id,
      state: ending,
      channel,
      sealedAt,
      ...(endedAt === undefined ? {} : { endedAt }),
      ...(reason === undefined ? {} : { reason }),
    }));
  return {
    registry: { name: registry.name, identity: registry.identity },
    channels: channels.toSorted(
      (left, right) =>
        left.channel.localeCompare(right.channel, "en") || left.package.localeCompare(right.package, "en"),
    ),
    releases,
    differences: compareDistribution(expected, state, readRunningReleases(context.journal.records, registry.identity)),
  };
}

function compareDigest(
  journal: string | undefined,
  registry: string | undefined,
): Status["channels"][number]["digest"] {
  if (journal === undefined) return "not-in-journal";
  return journal === registry ? "as-released" : "differs";
}
