import type { GateInput, Upstream } from "@hxp/release-gates";
import { createRegistryClient, type RegistryClient } from "@hxp/release-registry";
import type { ReleaseContext } from "../release-context.ts";
import { readUpstream } from "./read-upstream.ts";

/** The registry of third-party packages as gates see it, and the manifests in its packuments. */
export interface OpenUpstream extends Upstream {
  manifest: GateInput["registry"];
}

/** Opens the registry that pnpm is set up with, for reading without a credential; each packument is asked for once. */
export async function openUpstream(
  context: Pick<ReleaseContext, "workspace" | "childEnv" | "signal">,
): Promise<OpenUpstream> {
  const url = await readUpstream(context);
  if (url === undefined) return unknownUpstream;
  const { signal } = context;
  const client = createRegistryClient({ url, ...(signal === undefined ? {} : { signal }) });
  const readPackument = rememberPackuments(client);
  return {
    packument: readPackument,
    manifest: async (name, version) => {
      const versions = (await readPackument(name))?.["versions"] as Record<string, Manifest> | undefined;
      return versions !== undefined && Object.hasOwn(versions, version) ? versions[version] : undefined;
    },
    keys: () => client.readKeys(),
    attestations: (name, version) => client.readAttestations(name, version),
    advisories: (versions) => client.readAdvisories(versions),
  };
}

type Packument = Awaited<ReturnType<Upstream["packument"]>>;
type Manifest = Awaited<ReturnType<GateInput["registry"]>>;

const unknownUpstream: OpenUpstream = {
  packument: async () => undefined,
  manifest: async () => undefined,
  keys: async () => [],
  attestations: async () => undefined,
};

function rememberPackuments(client: RegistryClient): Upstream["packument"] {
  const asked = new Map<string, Promise<Packument>>();
  return (name) => {
    const answer = asked.get(name) ?? (client.readPackument(name) as Promise<Packument>);
    asked.set(name, answer);
    return answer;
  };
}
