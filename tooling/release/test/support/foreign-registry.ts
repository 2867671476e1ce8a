import { join } from "node:path";
import {
  createCredential,
  createRegistryClient,
  type Packument,
  type RegistryClient,
  startEmbeddedRegistry,
} from "@hxp/release-registry";
import { fixtureNames, type TestWorkspace } from "./workspace.ts";

/** Opens the embedded registry of a workspace, as somebody with its token, while no command runs. */
export async function inLocalRegistry<T>(
  workspace: TestWorkspace,
  work: (client: RegistryClient) => Promise<T>,
): Promise<T> {
  await using registry = await startEmbeddedRegistry({
    folder: join(workspace.folder, ".hxp/registry"),
    localNames: () => true,
    keys: () => [],
  });
  const credential = createCredential({ secret: registry.token, source: "test" });
  return await work(createRegistryClient({ url: registry.url, credential, retries: 0 }));
}

/** Where the tags of each package point to: `{"@acme/core": {latest: "1.3.0"}}`. */
export async function readTags(
  workspace: TestWorkspace,
  names: readonly string[] = fixtureNames,
): Promise<Record<string, Record<string, string>>> {
  return inLocalRegistry(workspace, async (client) => {
    const tags = await Promise.all(names.map(async (name) => [name, (await client.readTags(name)) ?? {}] as const));
    return Object.fromEntries(tags);
  });
}

/** A package as the embedded registry has it. */
export async function readPackument(workspace: TestWorkspace, name: string): Promise<Packument | undefined> {
  return inLocalRegistry(workspace, (client) => client.readPackument(name));
}

/** The same tag for each package that is named. */
export function tagged(
  tag: string,
  versions: Readonly<Record<string, string>>,
): Record<string, Record<string, string>> {
  return Object.fromEntries(Object.entries(versions).map(([name, version]) => [name, { [tag]: version }]));
}
