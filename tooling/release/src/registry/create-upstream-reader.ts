import type { GateInput } from "@hxp/release-gates";
import { createRegistryClient } from "@hxp/release-registry";
import type { ReleaseContext } from "../release-context.ts";
import { readUpstream } from "./read-upstream.ts";

/** Manifests of third-party packages that are not installed here; the registry is asked once for each. */
export async function createUpstreamReader(context: ReleaseContext): Promise<GateInput["registry"]> {
  const upstream = await readUpstream(context);
  if (upstream === undefined) return async () => undefined;
  const client = createRegistryClient({
    url: upstream,
    ...(context.signal === undefined ? {} : { signal: context.signal }),
  });
  const packuments = new Map<string, ReturnType<typeof client.readPackument>>();
  return async (name, version) => {
    const asked = packuments.get(name) ?? client.readPackument(name);
    packuments.set(name, asked);
    const packument = await asked;
    return packument?.versions[version] as Awaited<ReturnType<GateInput["registry"]>>;
  };
}
