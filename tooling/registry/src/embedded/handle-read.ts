import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import type { Packument } from "../client/packument.ts";
import type { Front } from "./front.ts";
import { type Exchange, readJsonBody, Refusal, sendJson } from "./http.ts";
import type { Route } from "./parse-route.ts";
import { abbreviatePackument, viewPackument, viewTags } from "./view-packument.ts";

const installType = "application/vnd.npm.install-v1+json";

/** Answers GET and HEAD for what is kept here. */
export async function handleRead(front: Front, exchange: Exchange, route: Route): Promise<void> {
  const handle = handlers[route.kind];
  if (handle === undefined) throw new Refusal(405, "This address is not for reading");
  await handle(front, exchange, route as never);
}

const handlers: Partial<Record<Route["kind"], (front: Front, exchange: Exchange, route: never) => Promise<void>>> = {
  packument: sendPackument,
  version: sendVersion,
  tarball: sendTarball,
  tags: sendTags,
  attestations: sendAttestations,
  keys: sendKeys,
};

/** Answers an audit's question. What is local is kept from upstream, which could know nothing about it. */
export async function handleAdvisories(front: Front, exchange: Exchange): Promise<void> {
  const body = z
    .record(z.string(), z.array(z.string()))
    .safeParse(await readJsonBody(exchange.request, front.bodyLimit));
  if (!body.success) throw new Refusal(400, "Expected versions by package name");
  if (front.upstream === undefined) throw new Refusal(404, "This registry has no advisories");
  const others = Object.entries(body.data).filter(([name]) => !front.localNames(name));
  await sendJson(exchange, others.length === 0 ? {} : await front.upstream.advisories(Object.fromEntries(others)));
}

async function sendPackument(front: Front, exchange: Exchange, { name }: { name: string }): Promise<void> {
  const packument = await readView(front, exchange, name);
  const isShort = exchange.request.headers.accept?.includes(installType) === true;
  await (isShort
    ? sendJson(exchange, abbreviatePackument(packument), { type: installType })
    : sendJson(exchange, packument));
}

async function sendVersion(front: Front, exchange: Exchange, route: { name: string; version: string }): Promise<void> {
  const packument = await readView(front, exchange, route.name);
  const tags = packument["dist-tags"];
  const version = Object.hasOwn(tags, route.version) ? (tags[route.version] ?? "") : route.version;
  if (!Object.hasOwn(packument.versions, version))
    throw new Refusal(404, `No version ${route.version} of ${route.name}`);
  await sendJson(exchange, packument.versions[version]);
}

/** From the file that verdaccio keeps; see stored-packuments.ts. The route lets no file name leave the package's folder. */
async function sendTarball(
  front: Front,
  { request, response }: Exchange,
  route: { name: string; file: string },
): Promise<void> {
  await using file = await openIfThere(join(front.folder.packages, route.name, route.file));
  if (file === undefined) throw new Refusal(404, `No ${route.file} of ${route.name}`);
  const { size } = await file.stat();
  response.writeHead(200, { "content-type": "application/octet-stream", "content-length": size });
  if (request.method === "HEAD") response.end();
  else await pipeline(file.createReadStream({ autoClose: false }), response);
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function sendTags(front: Front, exchange: Exchange, { name }: { name: string }): Promise<void> {
  const stored = await requirePackument(front, name);
  await sendJson(exchange, viewTags(stored, { hideLatest: front.unsetLatest.has(name) }));
}

async function sendAttestations(
  front: Front,
  exchange: Exchange,
  { name, version }: { name: string; version: string },
): Promise<void> {
  const stored = await requirePackument(front, name);
  const attestations = front.attestations.get(name, version);
  if (attestations === undefined || !Object.hasOwn(stored.versions, version)) {
    throw new Refusal(404, `No attestations of ${name}@${version}`);
  }
  await sendJson(exchange, { attestations });
}

async function sendKeys({ keys, upstream }: Front, exchange: Exchange): Promise<void> {
  const own = keys();
  const ids = new Set(own.map(({ keyid }) => keyid));
  const others = ((await upstream?.keys()) ?? []).filter(({ keyid }) => !ids.has(keyid));
  await sendJson(exchange, { keys: [...own, ...others] });
}

async function readView(front: Front, { request }: Exchange, name: string): Promise<Packument> {
  return viewPackument(await requirePackument(front, name), {
    base: front.baseOf(request.headers.host),
    hideLatest: front.unsetLatest.has(name),
    attestationsOf: (version) => front.attestations.get(name, version),
  });
}

async function requirePackument(front: Front, name: string): Promise<Packument> {
  const packument = await front.packuments.read(name);
  if (packument === undefined || Object.keys(packument.versions).length === 0)
    throw new Refusal(404, `No package ${name}`);
  return packument;
}
