import { z } from "zod";
import { HxpError } from "@hxp/errors";
import { escapePackageName } from "../client/package-path.ts";
import { parseAnswer } from "../client/packument.ts";
import { parseRegistryUrl } from "../client/registry-request.ts";
import { createCredential, type Credential } from "./credential.ts";

/** What {@link exchangeOidcToken} takes. */
export interface ExchangeOptions {
  /** The registry's URL. */
  readonly url: string;
  /** The package to publish: npm gives out one token per package. */
  readonly name: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly fetch?: typeof globalThis.fetch;
  /** Longest wait for each of the two calls; default 15 seconds. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * npm's trusted publishing: exchanges the CI run's id token for a short-lived publish token of one package. The id
 * token comes from `NPM_ID_TOKEN` (GitLab, CircleCI) or from GitHub Actions' token service. Undefined outside such a
 * run; a refusal is REGISTRY_UNAUTHORIZED. A name that was never published cannot be published this way.
 */
export async function exchangeOidcToken(options: ExchangeOptions): Promise<Credential | undefined> {
  const registry = parseRegistryUrl(options.url);
  const idToken = (options.env ?? process.env)["NPM_ID_TOKEN"] ?? (await requestGithubToken(registry, options));
  if (idToken === undefined) return undefined;
  const address = new URL(`/-/npm/v1/oidc/token/exchange/package/${escapePackageName(options.name)}`, registry);
  const answer = await call(
    address,
    { method: "POST", token: idToken, action: `exchange an id token for ${options.name}` },
    options,
  );
  const { token } = parseAnswer(z.looseObject({ token: z.string().min(1) }), answer, "the token exchange");
  return createCredential({ secret: token, source: `trusted publishing of ${options.name}` });
}

async function requestGithubToken(registry: string, options: ExchangeOptions): Promise<string | undefined> {
  const env = options.env ?? process.env;
  const address = URL.parse(env["ACTIONS_ID_TOKEN_REQUEST_URL"] ?? "");
  const token = env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"];
  if (address === null || token === undefined) return undefined;
  address.searchParams.append("audience", `npm:${new URL(registry).hostname}`);
  const answer = await call(address, { method: "GET", token, action: "get an id token from GitHub" }, options);
  return parseAnswer(z.looseObject({ value: z.string().min(1) }), answer, "the id token").value;
}

async function call(
  address: URL,
  { method, token, action }: { method: string; token: string; action: string },
  options: ExchangeOptions,
): Promise<unknown> {
  const { fetch = globalThis.fetch, timeoutMs = 15_000, signal } = options;
  const deadline = AbortSignal.timeout(timeoutMs);
  let response: Response;
  try {
    response = await fetch(address, {
      method,
      headers: { accept: "application/json", authorization: `Bearer ${token}` },
      // The id token must reach nobody but the address it was meant for.
      redirect: "error",
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    });
  } catch (cause) {
    signal?.throwIfAborted();
    throw new HxpError("REGISTRY_UNREACHABLE", `Cannot ${action}: ${address.origin} does not answer`, { cause });
  }
  if (!response.ok) {
    throw new HxpError("REGISTRY_UNAUTHORIZED", `Cannot ${action}: ${address.origin} answered ${response.status}`, {
      hint: "Check the package's trusted publisher on the registry, and that the job may write id tokens.",
      details: { status: response.status },
    });
  }
  return response.json().catch(() => undefined);
}
