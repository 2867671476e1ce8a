import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { JsonObject, Upstream } from "../gate.ts";

/** What {@link serveAged} stands in front of. */
export interface ServeAgedOptions {
  /** URL of the registry that has the release and leads to everything else. */
  registry: string;
  /** The packuments of third parties, without what is too young. */
  upstream: Pick<Upstream, "packument">;
  /** Whether a name is the workspace's own, which the registry answers for. */
  isOwn: (name: string) => boolean;
}

/** A registry on loopback, until it is disposed of. */
export interface AgedRegistry extends AsyncDisposable {
  /** Ends with a slash. */
  url: string;
}

/**
 * Serves a registry in which third parties have no versions but those that `upstream` gives, so that whatever package
 * manager asks, and for whatever package's sake, none other can be chosen. Own names and all tarballs are redirected.
 */
export async function serveAged(options: ServeAgedOptions): Promise<AgedRegistry> {
  const server = createServer((request, response) => {
    answer(request, response, options).catch(() => {
      send(
        response,
        502,
        Buffer.from(JSON.stringify({ error: "The registry of third-party packages does not answer" })),
      );
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  { method = "GET", url = "/" }: IncomingMessage,
  response: ServerResponse,
  { registry, upstream, isOwn }: ServeAgedOptions,
): Promise<void> {
  const refuse = (status: number, error: string): void =>
    send(response, status, Buffer.from(JSON.stringify({ error })));
  if (method !== "GET" && method !== "HEAD") return refuse(405, "This registry is for reading");
  const path = (url.split("?")[0] ?? "").replace(/^\/+/, "");
  const { name, rest } = readPath(path);
  if (path.startsWith("-/") || rest.startsWith("/-/") || isOwn(name)) {
    response.writeHead(307, { location: `${registry.replace(/\/?$/, "/")}${path}`, "content-length": 0 }).end();
    return;
  }
  // A version by itself would come with no age.
  const body = rest === "" && name !== "" ? await renderPackument(name, upstream) : undefined;
  if (body === undefined) return refuse(404, `No package ${path}`);
  send(response, 200, body);
}

/** Name of the package that a path is about, and what follows it. */
function readPath(path: string): { name: string; rest: string } {
  const [, name = "", rest = ""] = /^((?:@[^/]+\/)?[^/@][^/]*)(\/.*)?$/.exec(decode(path)) ?? [];
  return { name, rest };
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function send(response: ServerResponse, status: number, body: Buffer): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { "content-type": "application/json", "content-length": body.length }).end(body);
}

/** What installers look at. */
const installerFields = [
  "name",
  "version",
  "deprecated",
  "dependencies",
  "optionalDependencies",
  "bundleDependencies",
  "bundledDependencies",
  "peerDependencies",
  "peerDependenciesMeta",
  "bin",
  "directories",
  "dist",
  "engines",
  "os",
  "cpu",
  "libc",
  "scripts",
  "_hasShrinkwrap",
  "hasInstallScript",
];

async function renderPackument(name: string, upstream: Pick<Upstream, "packument">): Promise<Buffer | undefined> {
  const packument = await upstream.packument(name);
  if (packument === undefined) return undefined;
  const versions = Object.entries(Object(packument["versions"]) as Record<string, JsonObject>).map(
    ([version, manifest]) => [version, pick(manifest, installerFields)],
  );
  const shown = { ...pick(packument, ["dist-tags", "time"]), name, versions: Object.fromEntries(versions) };
  return Buffer.from(JSON.stringify(shown));
}

function pick(record: JsonObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(record).filter(([field]) => fields.includes(field)));
}
