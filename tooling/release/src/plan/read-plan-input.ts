import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { HxpError } from "@hxp/errors";
import { readRegistryState, type RegistryState } from "@hxp/release-registry";
import {
  type JournaledRelease,
  readAbandoned,
  readReleasedTrees,
  readReleases,
  readRolledBack,
} from "../journal/journaled-releases.ts";
import type { OpenRegistry } from "../registry/open-registry.ts";
import type { ReleaseContext } from "../release-context.ts";
import { readFolderTrees, type Source } from "../workspace/git.ts";
import { readWorkspace, type Workspace } from "../workspace/read-workspace.ts";
import { type PlanInput, sourceKey } from "./plan-release.ts";

/** Reads everything that a plan depends on: workspace, changesets, registry, journal. */
export async function readPlanInput(
  context: ReleaseContext,
  { source, registry }: { source: Source; registry: OpenRegistry },
): Promise<PlanInput> {
  const workspace = await readWorkspace(context.workspace);
  const channel = chooseChannel(context, workspace);
  const names = workspace.packages.filter((entry) => !entry.private).map((entry) => entry.name);
  const releases = readReleases(context.journal.records);
  const onThisRegistry = releases.filter((release) => release.registry.identity === registry.identity);
  const folders = workspace.packages.map((entry) => entry.folder);
  return {
    workspace,
    source,
    prefix: context.repository.prefix,
    repository: readRepositoryUrl(workspace),
    channel: channel.name,
    snapshot: channel.snapshot,
    registry: {
      name: registry.name,
      identity: registry.identity,
      state: await readRegistryState(registry.client, names),
    },
    lockfile: digestLockfile(context.workspace),
    config: context.configDigest,
    history: {
      rolledBack: readRolledBack(releases, registry.identity),
      trees: readReleasedTrees(onThisRegistry),
      abandoned: readAbandoned(onThisRegistry),
    },
    folderTrees: await readFolderTrees(context.repository, source.tree, folders),
    restore: context.options.restore === true,
  };
}

/** Releases to a registry that were sealed and did not end. */
export function findOpenReleases(context: ReleaseContext, identity: string): JournaledRelease[] {
  const releases = readReleases(context.journal.records);
  return releases.filter((release) => release.state === "open" && release.registry.identity === identity);
}

/** Releases on a registry whose rollback began and did not end. */
export function findOpenRollbacks(
  context: ReleaseContext,
  identity: string,
): (JournaledRelease & { rollingBack: string })[] {
  return readReleases(context.journal.records)
    .filter((release) => release.registry.identity === identity)
    .flatMap(({ rollingBack, ...release }) => (rollingBack === undefined ? [] : [{ ...release, rollingBack }]));
}

/** The open release that goes on: made from the same, and its channel still is where the plan found it or moved it to. */
export function findResumed(open: readonly JournaledRelease[], input: PlanInput): JournaledRelease | undefined {
  const key = sourceKey(input);
  return open.findLast((release) => release.sourceKey === key && isChannelKept(release, input.registry.state));
}

function isChannelKept({ channel, packages }: JournaledRelease, state: RegistryState): boolean {
  return packages.every(({ name, version, expectedTag }) => {
    const tag = state[name]?.tags[channel] ?? null;
    return tag === expectedTag || tag === version;
  });
}

function chooseChannel({ options, config }: ReleaseContext, workspace: Workspace): { name: string; snapshot: boolean } {
  const preTag = workspace.preState?.mode === "pre" ? workspace.preState.tag : undefined;
  const name = options.channel ?? preTag ?? config.channel;
  const channel = Object.hasOwn(config.channels, name) ? config.channels[name] : undefined;
  if (channel !== undefined) return { name, snapshot: channel.snapshot };
  if (name === preTag) return { name, snapshot: false };
  throw new HxpError(
    "USAGE_INVALID",
    `There is no channel ${name}; there are ${Object.keys(config.channels).join(", ")}`,
  );
}

function digestLockfile(workspace: string): string {
  try {
    return createHash("sha256")
      .update(readFileSync(join(workspace, "pnpm-lock.yaml")))
      .digest("hex");
  } catch (error) {
    throw new HxpError("WORKSPACE_INVALID", `${workspace} has no pnpm-lock.yaml`, {
      hint: "Run `pnpm install` and commit the lockfile: a release is built from exactly what it names.",
      cause: error,
    });
  }
}

function readRepositoryUrl(workspace: Workspace): string | null {
  const urls = workspace.packages.flatMap((entry) => {
    const repository: unknown = entry.manifest["repository"];
    if (typeof repository === "string") return [repository];
    const url =
      typeof repository === "object" && repository !== null && "url" in repository ? repository.url : undefined;
    return typeof url === "string" ? [url] : [];
  });
  return urls[0] ?? null;
}
