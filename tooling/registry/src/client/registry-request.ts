import { Agent } from "node:http";
import registryFetch, { type Options, type RegistryResponse } from "npm-registry-fetch";
import { HxpError } from "@hxp/errors";
import type { Credential } from "../credentials/credential.ts";
import { isLoopback } from "../loopback.ts";
import { toFetchError, toRegistryError } from "./registry-error.ts";

/** Finds the credential for a package; npm's trusted publishing gives out one per package. */
export type FindCredential = (name: string) => Promise<Credential | undefined>;

/** How to reach a registry; every default is for a public one. */
export interface ConnectionOptions {
  /** Address of the registry: http or https, without user and password. */
  readonly url: string;
  readonly credential?: Credential | FindCredential | undefined;
  /** A one-time password, or how to ask for one; it is asked for once and used for all calls. */
  readonly otp?: string | (() => Promise<string | undefined>) | undefined;
  /** Longest wait for one answer, its body included; default 60 seconds. */
  readonly timeoutMs?: number;
  /** How often a call that failed for want of a network or by a server error is made again; default 3. */
  readonly retries?: number;
  /** Wait before the first retry, doubled for each further one; default 500. */
  readonly retryDelayMs?: number;
  /** Calls in flight at most; default 8. */
  readonly concurrency?: number;
  readonly signal?: AbortSignal | undefined;
}

/** One call. `path` is below the registry's URL, or a whole URL. */
export interface RegistryCall {
  readonly path: string;
  /** What is done, for error messages: "read the tags of x". */
  readonly action: string;
  /** The package whose credential is shown. */
  readonly name?: string;
  readonly method?: "GET" | "PUT" | "POST" | "DELETE";
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly query?: Record<string, boolean>;
  /** Largest answer that is taken, in bytes; default 64 MiB. */
  readonly maxBytes?: number;
  /** Overrides {@link ConnectionOptions.retries}. */
  readonly retries?: number;
}

/** Makes a call and gives the answer's body. An answer of status 404 is undefined; other failures throw an HxpError. */
export type RegistryRequest = (call: RegistryCall) => Promise<Buffer | undefined>;

/** Makes the function that all calls to one registry go through. */
export function createRegistryRequest(options: ConnectionOptions): RegistryRequest {
  const url = parseRegistryUrl(options.url);
  const findCredential = rememberCredentials(options.credential);
  const passwords = rememberPassword(options.otp);
  return async (call) => {
    let credential: Credential | undefined;
    try {
      options.signal?.throwIfAborted();
      const fetchOptions = toFetchOptions(call, { ...options, url });
      credential = await findCredential(call.name ?? "");
      Object.assign(fetchOptions, authorization(url, credential));
      const response = await passwords.use((otp) =>
        registryFetch(call.path, otp === undefined ? fetchOptions : { ...fetchOptions, otp }),
      );
      return await readBody(response, { maxBytes: call.maxBytes ?? 2 ** 26, timeoutMs: options.timeoutMs ?? 60_000 });
    } catch (error) {
      if (toFetchError(error).statusCode === 404) return undefined;
      throw toRegistryError(error, { action: call.action, url, signal: options.signal, credential });
    }
  };
}

/** Checks a registry's address and ends it with a slash; one that is not http(s) or holds a password: USAGE_INVALID. */
export function parseRegistryUrl(address: string): string {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new HxpError("USAGE_INVALID", `Not the address of a registry: ${address}`, {
      hint: "Give an http:// or https:// address.",
    });
  }
  if (url.username !== "" || url.password !== "") {
    throw new HxpError("USAGE_INVALID", `The registry's address must not hold a user or password: ${url.host}`, {
      hint: "Put the token into NPM_TOKEN or .npmrc.",
    });
  }
  return `${url.origin}${url.pathname.replace(/\/*$/, "/")}`;
}

function toFetchOptions(call: RegistryCall, connection: ConnectionOptions): Options {
  const { timeoutMs = 60_000, retries = 3, retryDelayMs = 500, concurrency = 8, signal, url } = connection;
  return {
    registry: url,
    method: call.method ?? "GET",
    ...(call.body === undefined ? {} : { body: call.body }),
    headers: { ...(call.body === undefined ? {} : { "content-type": "application/json" }), ...call.headers },
    ...(call.query === undefined ? {} : { query: call.query }),
    timeout: timeoutMs,
    fetchRetries: call.retries ?? retries,
    fetchRetryMintimeout: retryDelayMs,
    fetchRetryMaxtimeout: Math.max(retryDelayMs, 30_000),
    fetchRetryFactor: 2,
    maxSockets: concurrency,
    preferOnline: true,
    userAgent: "hxp-release-registry",
    ...(findLoopbackAgent(new URL(url)) === undefined ? {} : { agent: findLoopbackAgent }),
    ...(signal === undefined ? {} : { signal }),
  };
}

const loopbackAgent = new Agent({ keepAlive: true, maxSockets: 32 });

/**
 * This machine is not reached through a proxy, nor by TLS: npm's own agent would look for both, and make an error object
 * to do so, at each of hundreds of calls.
 */
function findLoopbackAgent({ protocol, hostname }: URL): Agent | undefined {
  return protocol === "http:" && isLoopback(hostname) ? loopbackAgent : undefined;
}

/** Keyed by the registry's address, so that npm-registry-fetch shows it to that registry and to no other host. */
function authorization(url: string, credential: Credential | undefined): Options {
  if (credential === undefined) return {};
  const field = credential.scheme === "basic" ? "_auth" : "_authToken";
  return { [`//${url.replace(/^https?:\/\//, "")}:${field}`]: credential.secret };
}

function rememberCredentials(credential: Credential | FindCredential | undefined): FindCredential {
  if (typeof credential !== "function") return () => Promise.resolve(credential);
  const found = new Map<string, Promise<Credential | undefined>>();
  return (name) => {
    const known = found.get(name) ?? credential(name);
    found.set(name, known);
    return known;
  };
}

function rememberPassword(otp: ConnectionOptions["otp"]) {
  let asked: Promise<string | undefined> | undefined = typeof otp === "string" ? Promise.resolve(otp) : undefined;
  return {
    /** Calls with the known password; when the registry wants one that nobody has asked for yet, asks and calls again. */
    use: async (call: (otp: string | undefined) => Promise<RegistryResponse>): Promise<RegistryResponse> => {
      const before = asked;
      try {
        return await call(await before);
      } catch (error) {
        if (toFetchError(error).code !== "EOTP" || typeof otp !== "function") throw error;
        // Of many calls in flight the first asks; the others wait for the same answer.
        if (asked === before) asked = otp();
        const password = await asked;
        if (password === undefined || password === "") throw error;
        return call(password);
      }
    },
  };
}

async function readBody(response: RegistryResponse, limits: { maxBytes: number; timeoutMs: number }): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    response.body.destroy();
  }, limits.timeoutMs);
  try {
    for await (const chunk of response.body) {
      size += chunk.length;
      if (size > limits.maxBytes) {
        throw new HxpError("REGISTRY_ANSWER_INVALID", `The registry's answer is larger than ${limits.maxBytes} bytes`);
      }
      chunks.push(chunk);
    }
  } finally {
    clearTimeout(timer);
  }
  if (late) throw new Error(`no end of the answer within ${limits.timeoutMs} ms`);
  return Buffer.concat(chunks);
}
