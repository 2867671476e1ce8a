import { join } from "node:path";
import { openAgedRegistry, writeNpmrc } from "@hxp/release-gates";
import type { OpenRegistry } from "../registry/open-registry.ts";
import { readLocalNames } from "../registry/local-names.ts";
import { openUpstream } from "../registry/open-upstream.ts";
import type { ReleaseContext } from "../release-context.ts";

/** What {@link openConsumerRegistry} takes. */
export interface ConsumerRegistryOptions {
  /** The built workspace. */
  workspace: string;
  /** Folder for an npmrc. */
  folder: string;
  registry: Pick<OpenRegistry, "url" | "client" | "isLocal">;
}

/** Where consumers install from. */
export interface ConsumerRegistry extends AsyncDisposable {
  /** Ends with a slash. */
  url: string;
  /** The environment without credentials, and without other registries. */
  env: NodeJS.ProcessEnv;
  /** Says what consumers could not install for its age, as lines; empty when there is nothing. */
  describeLeftOut(): Promise<string[]>;
}

/**
 * Opens the registry that is released to for consumers: without third parties' versions that are too young by the policy,
 * or of unknown age. Those of the lockfile, and the workspace's own packages, are there.
 */
export async function openConsumerRegistry(
  context: Pick<ReleaseContext, "workspace" | "config" | "paths" | "childEnv" | "signal" | "clock">,
  { workspace, folder, registry }: ConsumerRegistryOptions,
): Promise<ConsumerRegistry> {
  const names = await readLocalNames(context.workspace, context.paths.registry);
  const env = await writeNpmrc(join(folder, "npmrc"), context.childEnv);
  const { policy } = context.config;
  const aged = await openAgedRegistry({
    workspace,
    policy,
    now: new Date(context.clock()),
    registry: registry.url,
    upstream: registry.isLocal
      ? await openUpstream(context)
      : { packument: (name) => registry.client.readPackument(name) as ReturnType<typeof aged.packument> },
    isOwn: (name) => names.has(name),
  });
  return {
    url: aged.url,
    env,
    async describeLeftOut() {
      const young = (await aged.tooYoung()).map(({ name, version }) => `${name}@${version}`);
      const unknown = (await aged.observe()).map(({ message, fix }) => `${message} ${fix}`);
      if (young.length === 0) return unknown;
      const { minimumAgeMinutes } = policy.compatibility;
      return [`Left out, younger than ${minimumAgeMinutes} minutes: ${young.join(", ")}.`, ...unknown];
    },
    [Symbol.asyncDispose]: () => aged[Symbol.asyncDispose](),
  };
}
