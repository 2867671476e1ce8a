import { z } from "zod";
import type { PublicKeyEntry } from "../read-back/verify-registry-signatures.ts";
import { Refusal } from "./http.ts";
import type { Route } from "./parse-route.ts";

/** The registry that names which are not ours are looked for in. */
export interface Upstream {
  /** Where a client finds what a route asks for. */
  locate(route: Route): string | undefined;
  /** Upstream's signing keys; none when it serves none or does not answer. */
  keys(): Promise<readonly PublicKeyEntry[]>;
  /** Asks for advisories about versions, by package name. */
  advisories(versions: object): Promise<unknown>;
}

/** How upstream is reached. */
export interface UpstreamOptions {
  /** Ends with a slash. */
  readonly url: string;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: () => number;
  readonly timeoutMs: number;
}

const keysSchema = z.object({
  keys: z.array(
    z.looseObject({
      keyid: z.string(),
      keytype: z.string(),
      scheme: z.string(),
      key: z.string(),
      expires: z
        .string()
        .nullish()
        .transform((expires) => expires ?? null),
    }),
  ),
});

const keysKeptMs = 10 * 60_000;
const missKeptMs = 15_000;

/** Makes the upstream of an embedded registry. Only what is named here is ever asked of it by this process. */
export function createUpstream(options: UpstreamOptions): Upstream {
  const { url, fetch, clock, timeoutMs } = options;
  const call = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(new URL(path, url), { ...init, signal: AbortSignal.timeout(timeoutMs) });
  let kept: { keys: readonly PublicKeyEntry[]; until: number } | undefined;
  return {
    locate: (route) => {
      const path = pathOf(route);
      return path === undefined ? undefined : `${url}${path}`;
    },
    keys: async () => {
      if (kept !== undefined && kept.until > clock()) return kept.keys;
      const keys = await fetchKeys(call).catch(() => undefined);
      kept = { keys: keys ?? [], until: clock() + (keys === undefined ? missKeptMs : keysKeptMs) };
      return kept.keys;
    },
    advisories: async (versions) => {
      const body = JSON.stringify(versions);
      const headers = { "content-type": "application/json" };
      const response = await call("-/npm/v1/security/advisories/bulk", { method: "POST", headers, body }).catch(() => {
        throw new Refusal(502, "The upstream registry does not answer");
      });
      if (!response.ok)
        throw new Refusal(502, `The upstream registry answered ${response.status} when asked for advisories`);
      return response.json();
    },
  };
}

async function fetchKeys(call: (path: string) => Promise<Response>): Promise<readonly PublicKeyEntry[]> {
  const response = await call("-/npm/v1/keys");
  if (!response.ok) return [];
  return keysSchema.parse(await response.json()).keys;
}

/** Made of the route's parts and not of the request's text, so that no request can name another host. */
function pathOf(route: Route): string | undefined {
  if (!("name" in route)) return undefined;
  const name = route.name.replace("/", "%2f");
  switch (route.kind) {
    case "packument":
      return name;
    case "version":
      return `${name}/${encodeURIComponent(route.version)}`;
    case "tarball":
      return `${route.name}/-/${encodeURIComponent(route.file)}`;
    case "tags":
      return `-/package/${name}/dist-tags`;
    case "attestations":
      return `-/npm/v1/attestations/${name}@${encodeURIComponent(route.version)}`;
    case "tag":
    case "revision":
    case "tarball-revision":
      return undefined;
    default:
      return undefined;
  }
}
