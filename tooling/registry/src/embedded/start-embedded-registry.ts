import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { acquireLease, type Lease, writeFileDurably } from "@hxp/evidence/durable";
import { HxpError, isHxpError, redact } from "@hxp/errors";
import { parseRegistryUrl } from "../client/registry-request.ts";
import type { PublicKeyEntry } from "../read-back/verify-registry-signatures.ts";
import type { RegistryCapabilities } from "../stage/unstage-packages.ts";
import { openAttestationStore } from "./attestation-store.ts";
import { type Cleanup, createCleanup } from "./cleanup.ts";
import type { Front } from "./front.ts";
import { handleRequest } from "./handle-request.ts";
import { type Exchange, Refusal, sendError } from "./http.ts";
import { isLoopback } from "../loopback.ts";
import { startVerdaccio } from "./start-verdaccio.ts";
import { openRegistryFolder, readOrMakeToken, type RegistryFolder, repairStorage } from "./storage.ts";
import { createStoredPackuments } from "./stored-packuments.ts";
import { openUnsetLatest } from "./unset-latest.ts";
import { createUpstream } from "./upstream.ts";

/** What {@link startEmbeddedRegistry} takes. */
export interface EmbeddedRegistryOptions {
  /** Where it keeps its data; the same folder on another port serves the same. */
  readonly folder: string;
  /** Address to listen on, of this machine only; default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free one. */
  readonly port?: number;
  /** The names that are published here. They are never looked for anywhere else, and no others are taken. */
  readonly localNames: (name: string) => boolean;
  /** Registry for all other names: clients are sent on to it. Default: none, and other names do not exist. */
  readonly upstream?: string | undefined;
  /** The keys that consumers verify registry signatures with; asked for at each request. */
  readonly keys: () => readonly PublicKeyEntry[];
  /** Called with one line per request and event; never with a token. */
  readonly log?: (line: string) => void;
  /** Largest request body in bytes; default 200 MB. */
  readonly bodyLimit?: number;
  readonly fetch?: typeof globalThis.fetch;
  readonly clock?: () => number;
}

/** A registry that runs in this process until it is closed. */
export interface EmbeddedRegistry extends AsyncDisposable {
  /** Ends with a slash. */
  readonly url: string;
  /** What writes need, as a bearer token. */
  readonly token: string;
  readonly capabilities: RegistryCapabilities;
  /** Ends open connections after at most half a second. */
  close(): Promise<void>;
}

/**
 * Serves an npm registry out of a folder: verdaccio behind a front that adds signing keys and attestations, checks what
 * is published, and sets no tag that nobody asked for. One process serves a folder at a time: LEASE_HELD.
 */
export async function startEmbeddedRegistry(options: EmbeddedRegistryOptions): Promise<EmbeddedRegistry> {
  const { host = "127.0.0.1", log = () => {} } = options;
  if (!isLoopback(host)) {
    throw new HxpError("USAGE_INVALID", `The embedded registry listens on this machine only, not on ${host}`, {
      hint: "Put a proxy with TLS and accounts in front of it to let others in.",
    });
  }
  const cleanup = createCleanup();
  try {
    return await startIn(options, { host, log, cleanup });
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

async function startIn(
  options: EmbeddedRegistryOptions,
  { host, log, cleanup }: { host: string; log: (line: string) => void; cleanup: Cleanup },
): Promise<EmbeddedRegistry> {
  const folder = openRegistryFolder(options.folder);
  const lease = acquireLease(folder.lease, { purpose: "serve the registry" });
  cleanup.defer(() => lease.release());
  for (const name of repairStorage(folder)) log(`put aside ${name}: its packument cannot be read`);
  const storage = await startVerdaccio(folder);
  cleanup.defer(() => storage.close());
  const token = readOrMakeToken(folder);
  const writes = new Set<Promise<void>>();
  cleanup.defer(() => settle(writes));
  const server = createServer({ keepAliveTimeout: 15_000, headersTimeout: 20_000, requestTimeout: 300_000 });
  const address = await listen(server, { host, port: options.port ?? 0 });
  cleanup.defer(() => closeServer(server));
  const front = createFront(options, { folder, storage, token, url: address });
  server.on("request", (request, response) => {
    const answered = answer(front, { exchange: { request, response }, log }).finally(() => writes.delete(answered));
    if (["PUT", "DELETE"].includes(request.method ?? "")) writes.add(answered);
  });
  writeFileDurably(folder.serving, JSON.stringify({ url: `${address}/`, pid: process.pid }), { mode: 0o600 });
  cleanup.defer(() => rmSync(folder.serving, { force: true }));
  const renewal = keepLease(lease, log);
  cleanup.defer(() => clearInterval(renewal));
  const close = (): Promise<void> => cleanup.run();
  return { url: `${address}/`, token, capabilities: { unpublish: true }, close, [Symbol.asyncDispose]: close };
}

function createFront(
  options: EmbeddedRegistryOptions,
  parts: { folder: RegistryFolder; storage: Front["storage"]; token: string; url: string },
): Front {
  const { localNames, upstream, keys, bodyLimit = 200_000_000, fetch = globalThis.fetch, clock = Date.now } = options;
  return {
    ...parts,
    packuments: createStoredPackuments(parts.folder),
    attestations: openAttestationStore(parts.folder.attestations),
    unsetLatest: openUnsetLatest(parts.folder.unset),
    upstream:
      upstream === undefined
        ? undefined
        : createUpstream({ url: parseRegistryUrl(upstream), fetch, clock, timeoutMs: 10_000 }),
    localNames,
    keys,
    bodyLimit,
    baseOf: (clientHost) => (clientHost === undefined ? parts.url : `http://${clientHost}`),
  };
}

async function answer(
  front: Front,
  { exchange, log }: { exchange: Exchange; log: (line: string) => void },
): Promise<void> {
  const { request, response } = exchange;
  const start = performance.now();
  try {
    requireLoopbackHost(request.headers.host);
    await handleRequest(front, exchange);
  } catch (error) {
    sendError(exchange, describeFailure(error, log));
  }
  const path = (request.url ?? "/").split("?")[0];
  log(redact(`${request.method} ${path} ${response.statusCode} ${Math.round(performance.now() - start)} ms`));
}

function describeFailure(error: unknown, log: (line: string) => void): { status: number; message: string } {
  if (error instanceof Refusal) return error;
  const { code } = Object(error) as { code?: unknown };
  if (code === "ENOSPC" || code === "EDQUOT") return { status: 507, message: "The registry's disk is full" };
  if (isHxpError(error)) return { status: 500, message: error.message };
  log(redact(`failed: ${String(error)}`));
  return { status: 500, message: "The registry failed; its log says why" };
}

/** A page in a browser can make its own name point to this machine, and would then read what is not public yet. */
function requireLoopbackHost(host: string | undefined): void {
  if (host === undefined) return;
  const url = URL.parse(`http://${host}`);
  if (url !== null && isLoopback(url.hostname)) return;
  throw new Refusal(421, "This registry answers to localhost and loopback addresses only");
}

async function listen(server: Server, { host, port }: { host: string; port: number }): Promise<string> {
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  server.listen(port, bare);
  try {
    await once(server, "listening");
  } catch (cause) {
    throw new HxpError("USAGE_INVALID", `Cannot listen on ${host}:${port}`, {
      cause,
      hint: "Choose another port, or 0 for any.",
    });
  }
  const { port: bound } = server.address() as AddressInfo;
  return `http://${bare.includes(":") ? `[${bare}]` : bare}:${bound}`;
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), 500);
  await closed;
  clearTimeout(timer);
}

/**
 * A publish goes on when its client has left, and must end before its storage does: half of it would be a version without
 * its attestations. What hangs for ten seconds is left to the repair at the next start.
 */
async function settle(writes: ReadonlySet<Promise<void>>): Promise<void> {
  const waiting = new AbortController();
  const limit = sleep(10_000, undefined, { signal: waiting.signal }).catch(() => {});
  await Promise.race([Promise.allSettled(writes), limit]);
  waiting.abort();
}

/** Another host that sees this folder cannot ask whether this process lives; it goes by the lease's expiry. */
function keepLease(lease: Lease, log: (line: string) => void): NodeJS.Timeout {
  const renew = (): void => {
    try {
      lease.renew();
    } catch (error) {
      log(redact(`the lease is lost: ${String(error)}`));
    }
  };
  return setInterval(renew, 180_000).unref();
}
