import { join } from "node:path";
import { consumerEnvironment, openAgedRegistry } from "@hxp/release-gates";
import type { OpenRegistry } from "../registry/open-registry.ts";
import { readLocalNames } from "../registry/local-names.ts";
import { openUpstream } from "../registry/open-upstream.ts";
import type { ReleaseContext } from "../release-context.ts";

/** What {@link openConsumerRegistry} takes. */
export interface ConsumerRegistryOptions {
  /** The built workspace. */
  workspace: string;
  /** Folder for settings of package managers. */
  folder: string;
  registry: Pick<OpenRegistry, "url" | "isLocal">;
}

/** Where consumers install from. */
export interface ConsumerRegistry extends AsyncDisposable {
  /** Ends with a slash. */
  url: string;
  /** The environment without credentials, and without other registries. */
  env: NodeJS.ProcessEnv;
  /** Says what consumers of packages with these manifests could not install for its age, as lines; empty when there is nothing. */
  describeLeftOut(manifests: readonly object[]): Promise<string[]>;
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
  const { policy } = context.config;
  const aged = await openAgedRegistry({
    workspace,
    policy,
    now: new Date(context.clock()),
    registry: registry.url,
    // Whatever a consumer runs could ask what is served, so it is read without a credential.
    upstream: await openUpstream(context, registry.isLocal ? {} : { registry: registry.url }),
    isOwn: (name) => names.has(name),
  });
  return {
    url: aged.url,
    env: await consumerEnvironment(context.childEnv, { folder: join(folder, "config"), registry: aged.url }),
    async describeLeftOut(manifests) {
      const { tooYoung, observations } = await aged.describeLeftOut(manifests);
      const young = tooYoung.map(({ name, version }) => `${name}@${version}`);
      const others = observations.map(({ message, fix }) => `${message} ${fix}`);
      if (young.length === 0) return others;
      const { minimumAgeMinutes } = policy.compatibility;
      return [`Left out, younger than ${minimumAgeMinutes} minutes: ${young.join(", ")}.`, ...others];
    },
    [Symbol.asyncDispose]: () => aged[Symbol.asyncDispose](),
  };
}
