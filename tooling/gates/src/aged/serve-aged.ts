import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { JsonObject, Upstream } from "../gate.ts";
import { recordOf, textsOf } from "../json/record-of.ts";

/** What {@link serveAged} stands in front of. */
export interface ServeAgedOptions {
  /** URL of the registry that has the release. */
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
 * manager asks, and for whatever package's sake, none other can be chosen. Own names are redirected to the registry, and
 * tarballs of third parties to where their packument says they are, so nobody else is ever asked for a name.
 */
export async function serveAged(options: ServeAgedOptions): Promise<AgedRegistry> {
  const server = createServer((request, response) => {
    answer(request, response, options).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      refuse(response, 502, `The registry of third-party packages does not answer: ${reason}`);
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
  { method, url, headers }: IncomingMessage,
  response: ServerResponse,
  options: ServeAgedOptions,
): Promise<void> {
  if (!isLoopbackHost(headers.host)) return refuse(response, 421, "This registry answers to loopback addresses only");
  if (method !== "GET" && method !== "HEAD") return refuse(response, 405, "This registry is for reading");
  const path = (url?.split("?")[0] ?? "").replace(/^\/+/, "");
  const { name, rest } = readPath(path);
  if (path.startsWith("-/npm/") || options.isOwn(name)) {
    return redirect(response, `${options.registry.replace(/\/?$/, "/")}${path}`);
  }
  const packument = name === "" || name === "-" ? undefined : await options.upstream.packument(name);
  if (packument === undefined) return refuse(response, 404, `No package ${path}`);
  answerWith(packument, { name, rest }, response);
}

function answerWith(packument: JsonObject, { name, rest }: PackagePath, response: ServerResponse): void {
  if (rest === "") return send(response, 200, renderPackument(name, packument));
  const tarball = findTarball(packument, { name, rest });
  // A version by itself would come with no age.
  if (tarball === undefined) return refuse(response, 404, `No tarball ${name}${rest}`);
  redirect(response, tarball);
}

/** A page in a browser can make its own name point to this machine, and would then read what is not public. */
function isLoopbackHost(host: string | undefined): boolean {
  const hostname = host === undefined ? undefined : URL.parse(`http://${host}`)?.hostname;
  return hostname !== undefined && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

/** Where the tarball of a version is; undefined for a version that is left out. */
function findTarball(packument: JsonObject, { name, rest }: PackagePath): string | undefined {
  const start = `/-/${name.replace(/^@[^/]+\//, "")}-`;
  if (!rest.startsWith(start) || !rest.endsWith(".tgz")) return undefined;
  const versions = recordOf(packument["versions"]);
  const version = rest.slice(start.length, -".tgz".length);
  if (!Object.hasOwn(versions, version)) return undefined;
  return textsOf(recordOf(versions[version])["dist"])["tarball"];
}

/** Name of the package that a path is about, and what follows it. */
interface PackagePath {
  name: string;
  rest: string;
}

function readPath(path: string): PackagePath {
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

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(307, { location, "content-length": 0 }).end();
}

function refuse(response: ServerResponse, status: number, error: string): void {
  send(response, status, Buffer.from(JSON.stringify({ error })));
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

function renderPackument(name: string, packument: JsonObject): Buffer {
  const versions = Object.entries(recordOf(packument["versions"])).map(([version, manifest]) => [
    version,
    pick(recordOf(manifest), installerFields),
  ]);
  const shown = { ...pick(packument, ["dist-tags", "time"]), name, versions: Object.fromEntries(versions) };
  return Buffer.from(JSON.stringify(shown));
}

function pick(record: JsonObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(record).filter(([field]) => fields.includes(field)));
}
