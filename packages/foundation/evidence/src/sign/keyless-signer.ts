import { HxpError, isHxpError } from "@hxp/errors";
import {
  CIContextProvider,
  DEFAULT_FULCIO_URL,
  FulcioSigner,
  type IdentityProvider,
  type Signer,
} from "@sigstore/sign";
import { withDeadline } from "./deadline.ts";

/** What {@link createKeylessSigner} takes. */
export interface KeylessSignerOptions {
  /** Base URL of the certificate authority (Fulcio); default: the public one of sigstore. */
  fulcioUrl?: string;
  /** Who gives the OIDC token; default: the CI job (GitHub Actions, Buildkite, or SIGSTORE_ID_TOKEN). */
  identityProvider?: IdentityProvider;
  /** Audience of the token that the CI job is asked for; default "sigstore". */
  audience?: string;
  /** Time for one signature, token and certificate included, in milliseconds; default 30,000. */
  timeoutMs?: number;
  /** How often a request that the authority could not answer (5xx, 429) is repeated; default 2. */
  retries?: number;
  signal?: AbortSignal;
}

/**
 * Makes a signer without a kept key: each signature is made with a key that lives in memory only, under a certificate
 * that Fulcio issues for the identity in an OIDC token. Throws IDENTITY_TOKEN_MISSING and SIGNING_FAILED.
 */
export function createKeylessSigner(options: KeylessSignerOptions = {}): Signer {
  const { fulcioUrl = DEFAULT_FULCIO_URL, audience = "sigstore", timeoutMs = 30_000, retries = 2, signal } = options;
  const provider = options.identityProvider ?? new CIContextProvider(audience);
  const getToken = (): Promise<string> => provider.getToken().catch(tokenMissing);
  const fulcio = new FulcioSigner({
    fulcioBaseURL: fulcioUrl,
    identityProvider: { getToken },
    timeout: timeoutMs,
    retry: { retries, minTimeout: 250 },
  });
  return {
    sign: async (data) => {
      try {
        return await withDeadline(fulcio.sign(data), { timeoutMs, signal });
      } catch (error) {
        throw toSigningError(error, fulcioUrl);
      }
    },
  };
}

function tokenMissing(cause: unknown): never {
  throw new HxpError("IDENTITY_TOKEN_MISSING", "no identity token could be had from this environment", { cause });
}

function toSigningError(error: unknown, fulcioUrl: string): HxpError {
  const inner = error instanceof Error ? error.cause : undefined;
  if (isHxpError(inner)) return inner;
  // FulcioSigner puts a token that it cannot read into its message: neither that nor the cause may go on.
  if (error instanceof Error && "code" in error && error.code === "IDENTITY_TOKEN_PARSE_ERROR") {
    return new HxpError("IDENTITY_TOKEN_MISSING", "the identity provider gave a token without a verified subject");
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new HxpError("SIGNING_FAILED", `no certificate from ${fulcioUrl}: ${reason}`, { cause: error });
}
