import { type Packument, parsePackument, revisionOf } from "../client/packument.ts";
import { isHxpError } from "@hxp/errors";
import type { Front } from "./front.ts";
import { handlePublish, messageOf } from "./handle-publish.ts";
import { type Exchange, readJsonBody, Refusal, sendJson } from "./http.ts";
import type { Route } from "./parse-route.ts";
import { viewTags } from "./view-packument.ts";

/** Answers what changes a package that is kept here: publish, deprecate, unpublish, tags. */
export async function handleWrite(front: Front, exchange: Exchange, route: Route): Promise<void> {
  const { method = "" } = exchange.request;
  const handle = handlers[`${method} ${route.kind}`];
  if (handle === undefined) throw new Refusal(405, `${method} is not for this address`);
  await handle(front, exchange, route as never);
}

const handlers: Partial<Record<string, (front: Front, exchange: Exchange, route: never) => Promise<void>>> = {
  "PUT packument": publishOrDeprecate,
  "PUT tag": setTag,
  "POST tag": setTag,
  "DELETE tag": removeTag,
  "PUT revision": unpublishVersions,
  "DELETE revision": unpublishPackage,
  "DELETE tarball-revision": removeTarball,
};

async function publishOrDeprecate(front: Front, exchange: Exchange, { name }: { name: string }): Promise<void> {
  const body = await readJsonBody(exchange.request, front.bodyLimit);
  const { _attachments: attachments } = Object(body) as { _attachments?: object };
  if (Object.keys(attachments ?? {}).length > 0) return handlePublish(front, exchange, { name, body });
  const wanted = readPackument(name, body);
  await changeStored(front, name, async (stored) => {
    await forward(front, { method: "PUT", path: pathOf(name), body: withDeprecations(stored, wanted) });
  });
  await sendJson(exchange, { ok: "package changed", success: true }, { status: 201 });
}

/**
 * Takes nothing but deprecations from a packument that was read a while ago: verdaccio would also take its tags, and
 * drop the versions that it does not know yet.
 */
function withDeprecations(stored: Packument, wanted: Packument): object {
  const versions = Object.entries(stored.versions).map(([version, entry]) => {
    const deprecated = Object.hasOwn(wanted.versions, version) ? wanted.versions[version]?.deprecated : undefined;
    return [version, deprecated === undefined ? entry : { ...entry, deprecated }] as const;
  });
  if (versions.every(([, entry]) => entry.deprecated === undefined)) {
    throw new Refusal(400, "The document publishes nothing and deprecates nothing");
  }
  return { ...stored, versions: Object.fromEntries(versions) };
}

async function setTag(front: Front, exchange: Exchange, { name, tag }: { name: string; tag: string }): Promise<void> {
  const version = await readJsonBody(exchange.request, front.bodyLimit);
  if (typeof version !== "string") throw new Refusal(400, "A tag is set to a version: a JSON string");
  await changeStored(front, name, async (stored) => {
    if (!Object.hasOwn(stored.versions, version)) throw new Refusal(404, `No version ${version} of ${name}`);
    await front.packuments.writeTags(name, { ...stored["dist-tags"], [tag]: version });
    if (tag === "latest") front.unsetLatest.delete(name);
  });
  await sendJson(exchange, { ok: "package tagged" }, { status: 201 });
}

async function removeTag(
  front: Front,
  exchange: Exchange,
  { name, tag }: { name: string; tag: string },
): Promise<void> {
  await changeStored(front, name, async (stored) => {
    if (tag === "latest") front.unsetLatest.add(name);
    const { [tag]: _removed, ...tags } = stored["dist-tags"];
    await front.packuments.writeTags(name, tags);
  });
  await sendJson(exchange, { ok: "tag removed" });
}

async function unpublishVersions(
  front: Front,
  exchange: Exchange,
  { name, revision }: { name: string; revision: string },
): Promise<void> {
  const wanted = readPackument(name, await readJsonBody(exchange.request, front.bodyLimit));
  await changeStored(front, name, async (stored) => {
    requireRevision(stored, revision);
    const gone = Object.keys(stored.versions).filter((version) => !Object.hasOwn(wanted.versions, version));
    const tags = Object.entries(wanted["dist-tags"]).filter(([, target]) => Object.hasOwn(wanted.versions, target));
    const versions = Object.fromEntries(Object.entries(stored.versions).filter(([version]) => !gone.includes(version)));
    if (Object.keys(versions).length === 0)
      throw new Refusal(400, "To take off the last version, unpublish the package");
    if (!tags.some(([tag]) => tag === "latest")) front.unsetLatest.add(name);
    const body = { ...stored, versions, "dist-tags": Object.fromEntries(tags) };
    await forward(front, { method: "PUT", path: `${pathOf(name)}/-rev/${encodeURIComponent(revision)}`, body });
    for (const version of gone) front.attestations.remove(name, version);
  });
  await sendJson(exchange, { ok: "package changed", success: true }, { status: 201 });
}

async function unpublishPackage(
  front: Front,
  exchange: Exchange,
  { name, revision }: { name: string; revision: string },
): Promise<void> {
  await changeStored(front, name, async (stored) => {
    requireRevision(stored, revision);
    await forward(front, { method: "DELETE", path: `${pathOf(name)}/-rev/${encodeURIComponent(revision)}` });
    front.attestations.remove(name);
    front.unsetLatest.delete(name);
  });
  await sendJson(exchange, { ok: "package removed" });
}

async function removeTarball(
  front: Front,
  exchange: Exchange,
  { name, file, revision }: { name: string; file: string; revision: string },
): Promise<void> {
  await changeStored(front, name, async (stored) => {
    const isNamed = Object.values(stored.versions).some(({ dist }) => dist.tarball.endsWith(`/${file}`));
    if (isNamed) throw new Refusal(409, `${file} belongs to a published version`);
    const path = `${pathOf(name)}/-/${encodeURIComponent(file)}/-rev/${encodeURIComponent(revision)}`;
    await forward(front, { method: "DELETE", path });
  });
  await sendJson(exchange, { ok: "tarball removed" });
}

async function changeStored(front: Front, name: string, run: (stored: Packument) => Promise<void>): Promise<void> {
  await front.packuments.change(name, async (stored) => {
    if (stored === undefined) throw new Refusal(404, `No package ${name}`);
    // What verdaccio made up must not come back as something that somebody set.
    await run({ ...stored, "dist-tags": viewTags(stored, { hideLatest: front.unsetLatest.has(name) }) });
  });
}

async function forward(front: Front, call: { method: string; path: string; body?: object | string }): Promise<void> {
  const { status, body } = await front.storage.send(call.method, call.path, call.body);
  if (status >= 300) throw new Refusal(status, messageOf(body));
}

function readPackument(name: string, body: unknown): Packument {
  try {
    return parsePackument(name, body);
  } catch (error) {
    if (isHxpError(error)) throw new Refusal(400, error.message);
    throw error;
  }
}

function requireRevision(stored: Packument, revision: string): void {
  if (revisionOf(stored) !== revision)
    throw new Refusal(409, "The package has changed since it was read; read it again");
}

function pathOf(name: string): string {
  return `/${name.replace("/", "%2f")}`;
}
