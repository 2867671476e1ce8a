import type { GateInput, Upstream } from "@hxp/release-gates";
import { createRegistryClient, type RegistryClient } from "@hxp/release-registry";
import type { ReleaseContext } from "../release-context.ts";
import { readUpstreams } from "./read-upstream.ts";

/** The registry of third-party packages as gates see it, and the manifests in its packuments. */
export interface OpenUpstream extends Upstream {
  manifest: GateInput["registry"];
}

/**
 * Opens the registries that pnpm is set up with, for reading without a credential; each packument is asked for once. Who
 * has a scope with a registry of its own is asked for its packages, and nobody else.
 */
export async function openUpstream(
  context: Pick<ReleaseContext, "workspace" | "childEnv" | "signal">,
  options: { registry?: string } = {},
): Promise<OpenUpstream> {
  const { scopes, ...set } = await readUpstreams(context);
  const url = options.registry ?? set.registry;
  const { signal } = context;
  const open = (address: string): RegistryClient =>
    createRegistryClient({ url: address, ...(signal === undefined ? {} : { signal }) });
  const standard = url === undefined ? undefined : open(url);
  const clients = new Map([...scopes].map(([scope, address]) => [scope, open(address)]));
  const clientOf = (name: string): RegistryClient | undefined => clients.get(name.split("/")[0] ?? "") ?? standard;
  const readPackument = rememberPackuments(clientOf);
  return {
    packument: readPackument,
    manifest: async (name, version) => {
      const versions = (await readPackument(name))?.["versions"] as Record<string, Manifest> | undefined;
      return versions !== undefined && Object.hasOwn(versions, version) ? versions[version] : undefined;
    },
    keys: async () => (await standard?.readKeys()) ?? [],
    attestations: async (name, version) => clientOf(name)?.readAttestations(name, version),
    advisories: async (versions) => standard?.readAdvisories(versions),
  };
}

type Packument = Awaited<ReturnType<Upstream["packument"]>>;
type Manifest = Awaited<ReturnType<GateInput["registry"]>>;

function rememberPackuments(clientOf: (name: string) => RegistryClient | undefined): Upstream["packument"] {
  const asked = new Map<string, Promise<Packument>>();
  return (name) => {
    const answer = asked.get(name) ?? Promise.resolve(clientOf(name)?.readPackument(name) as Promise<Packument>);
    asked.set(name, answer);
    return answer;
  };
}
