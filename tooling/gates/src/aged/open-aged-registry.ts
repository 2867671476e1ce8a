import { readLockfile } from "../closure/read-lockfile.ts";
import type { GateInput, Upstream } from "../gate.ts";
import { type AgedUpstream, createAgedUpstream } from "./aged-upstream.ts";
import { type AgedRegistry, serveAged } from "./serve-aged.ts";

/** What {@link openAgedRegistry} takes. */
interface AgedRegistryOptions extends Pick<GateInput, "workspace" | "policy" | "now"> {
  /** URL of the registry that has the workspace's packages. */
  registry: string;
  /** Where the packuments of third parties come from. */
  upstream: Pick<Upstream, "packument">;
  /** Whether a name is the workspace's own: its versions are never too young. */
  isOwn: (name: string) => boolean;
}

/**
 * Serves a registry on loopback without third parties' versions that are younger than the policy's
 * `compatibility.minimumAgeMinutes`, but for those of the workspace's lockfile. Throws LOCKFILE_INVALID.
 */
export async function openAgedRegistry(options: AgedRegistryOptions): Promise<AgedRegistry & AgedUpstream> {
  const upstream = createAgedUpstream(options, await readLockfile(options.workspace));
  const { registry, isOwn } = options;
  return { ...upstream, ...(await serveAged({ registry, upstream, isOwn })) };
}
