import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "../src/workspace/run-command.ts";
import { makeEnvironment } from "./make-environment.ts";
import { addChangeset, makeWorkspace, versions } from "./make-workspace.ts";
import { type ClosedRegistry, type RegistryHost, type ServedRegistry, startRegistryHost } from "./registry-host.ts";
import { runRelease } from "./run-release.ts";

/** A temporary folder with all that the contenders need, and nothing of the user's. */
export interface BenchWorld {
  /** How many packages are released. */
  readonly packages: number;
  readonly folder: string;
  /** The workspace with a changeset, which our release starts from. */
  readonly workspace: string;
  /** The release commit of the same workspace, which the others publish from. */
  readonly built: string;
  /** Journal, keys, log, evidence and registry of the run under way. */
  readonly state: string;
  /** A home without the user's settings, and the PATH. */
  readonly env: NodeJS.ProcessEnv;
  readonly host: RegistryHost;
  readonly signal: AbortSignal;
}

/** What {@link withBenchWorld} takes. */
export interface WorldOptions {
  packages: number;
  signal: AbortSignal;
}

/**
 * Makes the world and gives it to `work`: the versions before are on the registry, and our release of the next ones is
 * planned, packed, judged and signed, once. Removes everything at the end, whatever the end is.
 */
export async function withBenchWorld<T>(options: WorldOptions, work: (world: BenchWorld) => Promise<T>): Promise<T> {
  await using cleanup = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "hxp-bench-"));
  cleanup.defer(() => rmSync(folder, { recursive: true, force: true }));
  const env = makeEnvironment(folder);
  const host = cleanup.use(startRegistryHost({ env, signal: options.signal }));
  const paths = { workspace: join(folder, "workspace"), built: join(folder, "built"), state: join(folder, "state") };
  const world = { ...options, ...paths, folder, env, host };
  await prepare(world);
  return await work(world);
}

/** Runs `work` while a registry with nothing but the versions before is served, to which pnpm and npm are pointed. */
export async function withFreshRegistry<T>(
  world: BenchWorld,
  work: (registry: ServedRegistry) => Promise<T>,
): Promise<{ result: T; seen: ClosedRegistry }> {
  rmSync(world.state, { recursive: true, force: true });
  cpSync(templateOf(world), world.state, { recursive: true });
  return serving(world, work);
}

async function prepare(world: BenchWorld): Promise<void> {
  const { workspace, built, packages, env, signal, state } = world;
  await makeWorkspace(workspace, packages, env);
  mkdirSync(state);
  await serving(world, () => runCommand(publishCommand, { cwd: workspace, env, signal }));
  await addChangeset(workspace, packages, env);
  const { result } = await serving(world, () => runRelease(world, "signed"));
  const { releaseCommit } = result;
  await runCommand(["git", "worktree", "add", "--quiet", "--detach", built, releaseCommit], { cwd: workspace, env });
  await runCommand(["pnpm", "install", "--offline", "--frozen-lockfile"], { cwd: built, env, signal });
  cpSync(state, templateOf(world), { recursive: true });
}

/** The command of `pnpm publish -r`, for a tree that is no checkout of a branch. */
export const publishCommand = ["pnpm", "publish", "--recursive", "--no-git-checks"];

async function serving<T>(
  { host, state, env }: BenchWorld,
  work: (registry: ServedRegistry) => Promise<T>,
): Promise<{ result: T; seen: ClosedRegistry }> {
  const registry = await host.open({
    folder: join(state, "registry"),
    trust: join(state, "trust"),
    version: versions.released,
  });
  const { host: address } = new URL(registry.url);
  const settings = [`registry=${registry.url}`, `//${address}/:_authToken=${registry.token}`, "update-notifier=false"];
  writeFileSync(join(env["HOME"] ?? "", ".npmrc"), `${settings.join("\n")}\n`, { mode: 0o600 });
  const result = await work(registry);
  return { result, seen: await host.close() };
}

function templateOf({ folder }: Pick<BenchWorld, "folder">): string {
  return join(folder, "template");
}
