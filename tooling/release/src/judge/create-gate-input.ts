import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { HxpError } from "@hxp/errors";
import { type SealedRelease, tarballPath } from "@hxp/evidence/release";
import type { GateInput, GatePackage, Rebuild } from "@hxp/release-gates";
import { readNodeVersions } from "../build/build-node.ts";
import { buildCommit } from "../build/build-tree.ts";
import { packPackages } from "../build/pack-packages.ts";
import type { OpenRegistry } from "../registry/open-registry.ts";
import { openUpstream } from "../registry/open-upstream.ts";
import type { ReleaseContext } from "../release-context.ts";
import { ensureNode, withNode } from "../workspace/toolchain.ts";
import { createGateTools } from "./create-gate-tools.ts";
import { createHistory } from "./create-history.ts";
import { readPrevious } from "./read-previous.ts";
import { createReleasedReader, type ReadReleased } from "./read-released.ts";
import { serveTarballs } from "./serve-tarballs.ts";

/** What {@link createGateInput} takes. */
export interface GateInputParts {
  /** The built workspace. */
  workspace: string;
  sealed: SealedRelease;
  registry: OpenRegistry;
  report: (text: string) => void;
}

/** Everything that the gates may look at. */
export async function createGateInput(context: ReleaseContext, parts: GateInputParts): Promise<GateInput> {
  const { workspace, sealed, registry, report } = parts;
  const scratch = gateScratch(context, sealed);
  mkdirSync(scratch, { recursive: true });
  const upstream = await openUpstream(context);
  const { client } = registry;
  const read = createReleasedReader({ client, folder: scratch });
  const released = new Map(sealed.plan.packages.map(({ name, version }) => [name, version]));
  return {
    workspace,
    scratch,
    packages: await readGatePackages(sealed, { workspace, client, read }),
    policy: context.config.policy,
    builtOn: () => readNodeVersions(workspace, { env: context.childEnv, signal: context.signal }),
    rebuild: (options) => rebuildAgain(context, sealed, options),
    registry: upstream.manifest,
    upstream,
    tools: createGateTools(context),
    history: createHistory({ client, released, read }),
    serve: (tarballs) => serveTarballs(context, { tarballs, folder: join(scratch, "registry") }),
    cache: join(context.paths.cache, "gates"),
    databases: context.paths.databases,
    isRehearsal: registry.isLocal,
    now: new Date(context.clock()),
    onProgress: report,
    ...(context.signal === undefined ? {} : { signal: context.signal }),
  };
}

/** Folder that the gates of a release write into. */
export function gateScratch(context: ReleaseContext, sealed: SealedRelease): string {
  return join(context.paths.work, `judge-${sealed.id.slice(0, 16)}`);
}

async function readGatePackages(
  sealed: SealedRelease,
  { workspace, client, read }: { workspace: string; client: OpenRegistry["client"]; read: ReadReleased },
): Promise<GatePackage[]> {
  const packages = sealed.plan.packages.map(async (planned): Promise<GatePackage> => {
    const previous = await readPrevious(planned, { client, read });
    return {
      name: planned.name,
      version: planned.version,
      folder: planned.folder,
      private: false,
      manifest: JSON.parse(
        readFileSync(join(workspace, planned.folder, "package.json"), "utf8"),
      ) as GatePackage["manifest"],
      tarball: { path: tarballPath(sealed, planned), integrity: planned.tarball.integrity },
      ...(previous === undefined ? {} : { previous }),
    };
  });
  return Promise.all(packages);
}

async function rebuildAgain(
  context: ReleaseContext,
  sealed: SealedRelease,
  { folder, nodeMajor }: { folder: string; nodeMajor: number },
): Promise<Rebuild> {
  const version = context.config.nodes.find((node) => node.startsWith(`${nodeMajor}.`));
  if (version === undefined) {
    throw new HxpError(
      "RELEASE_CONFIG_INVALID",
      `policy.rebuild.nodeMajor is ${nodeMajor}, but nodes has no such version`,
    );
  }
  const { childEnv, signal } = context;
  const bin = await ensureNode(version, { folder: context.paths.toolchain, env: childEnv, signal });
  const env = withNode(childEnv, bin);
  const { repository, config } = context;
  const options = { repository, env, command: config.build, node: join(bin, "node"), signal, onProgress: () => {} };
  const workspace = await buildCommit(folder, sealed.plan.releaseCommit, options);
  const tarballs = await packPackages(workspace, sealed.plan.packages, {
    folder: join(folder, "tarballs"),
    env,
    signal,
  });
  return { tarballs, nodeVersions: await readNodeVersions(workspace, { env, signal }) };
}
