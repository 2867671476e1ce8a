import { HxpError, isHxpError } from "@hxp/errors";
import { escapePackageName, tarballFileName } from "./package-path.ts";
import { deprecationOf, type Packument, parsePackument, revisionOf, versionOf } from "./packument.ts";
import type { RegistryRequest } from "./registry-request.ts";

/** Sets or, with an empty message, takes off the deprecation of versions; those that have it already are left. */
export async function deprecateVersions(
  request: RegistryRequest,
  change: { name: string; versions: readonly string[]; message: string },
): Promise<void> {
  const { name, message } = change;
  const action = `deprecate ${name}`;
  await retryStale(async () => {
    const packument = await readForChange(request, name);
    if (packument === undefined) throw new HxpError("REGISTRY_REFUSED", `Cannot ${action}: there is no such package`);
    const wanted = change.versions.map((version) => {
      const entry = versionOf(packument, version);
      if (entry === undefined) throw new HxpError("REGISTRY_REFUSED", `Cannot ${action}@${version}: no such version`);
      return entry;
    });
    const stale = wanted.filter((entry) => (deprecationOf(entry) ?? "") !== message);
    if (stale.length === 0) return;
    const versions = Object.fromEntries(stale.map((entry) => [entry.version, { ...entry, deprecated: message }]));
    const body = { ...packument, versions: { ...packument.versions, ...versions } };
    await request({ path: escapePackageName(name), action, name, method: "PUT", body });
  });
}

/**
 * Takes a version off the registry, as `npm unpublish` does: the packument first, then the tarball. One that is not there
 * is no error; the tarball that a call cut off in between has left is taken off then, because registries refuse a new one
 * over it.
 */
export async function unpublishVersion(request: RegistryRequest, name: string, version: string): Promise<void> {
  const path = escapePackageName(name);
  const action = `unpublish ${name}@${version}`;
  await retryStale(async () => {
    let packument = await readForChange(request, name);
    if (packument === undefined) return;
    if (versionOf(packument, version) !== undefined) {
      const change = { path: `${path}/-rev/${revisionOf(packument)}`, action, name };
      if (Object.keys(packument.versions).length === 1) {
        await request({ ...change, method: "DELETE" });
        return;
      }
      await request({ ...change, method: "PUT", body: withoutVersion(packument, version) });
      packument = await readForChange(request, name);
    }
    const file = tarballFileName({ name, version });
    await request({ path: `${path}/-/${file}/-rev/${revisionOf(packument)}`, action, name, method: "DELETE" });
  });
}

async function readForChange(request: RegistryRequest, name: string): Promise<Packument | undefined> {
  const path = escapePackageName(name);
  const answer = await request({ path, action: `read ${name}`, name, query: { write: true } });
  return answer === undefined ? undefined : parsePackument(name, JSON.parse(answer.toString("utf8")));
}

function withoutVersion(packument: Packument, version: string): object {
  const { _revisions: _ignored, _attachments: _dropped, ...rest } = packument as Packument & Record<string, unknown>;
  const { [version]: _gone, ...versions } = packument.versions;
  const tags = Object.entries(packument["dist-tags"]).filter(([, target]) => target !== version);
  return { ...rest, versions, "dist-tags": Object.fromEntries(tags) };
}

/** A packument is written as a whole; when another writer was faster the registry says 409 and it is read again. */
async function retryStale(change: () => Promise<void>): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await change();
      return;
    } catch (error) {
      if (!isHxpError(error, "REGISTRY_CONFLICT") || attempt >= 4) throw error;
    }
  }
}
