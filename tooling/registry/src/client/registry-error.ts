import { type ErrorCode, HxpError, isHxpError } from "@hxp/errors";
import type { Credential } from "../credentials/credential.ts";

/** What {@link toRegistryError} knows about the call that failed. */
export interface FailedCall {
  /** What was being done, for the message: "publish @a/b@1.0.0". */
  readonly action: string;
  /** The registry's URL. */
  readonly url: string;
  readonly signal?: AbortSignal | undefined;
  /** What the registry was shown, and may have put into its answer. */
  readonly credential?: Credential | undefined;
}

/** The part of npm-registry-fetch's errors that is read here. */
export interface FetchError {
  readonly code?: string;
  readonly statusCode?: number;
  readonly body?: unknown;
  readonly message: string;
}

/** Turns an error of npm-registry-fetch into ours. An abort comes out as the signal's reason. */
export function toRegistryError(thrown: unknown, call: FailedCall): unknown {
  if (call.signal?.aborted === true) return call.signal.reason;
  if (isHxpError(thrown)) return thrown;
  const error = toFetchError(thrown);
  const code = codeOf(error);
  const said = error.statusCode === undefined ? error.message : `${error.statusCode} ${saidBy(error)}`;
  const message = printable(maskSecret(said, call.credential));
  return new HxpError(code, `Cannot ${call.action} on ${call.url}: ${message}`, {
    // The error of an answer holds the answer's words and headers.
    cause: error.statusCode === undefined ? thrown : new Error(message),
    details: {
      url: call.url,
      action: call.action,
      ...(error.statusCode === undefined ? {} : { status: error.statusCode }),
    },
  });
}

/** The HTTP status that one of our registry errors, or one of npm-registry-fetch, came from. */
export function statusOf(thrown: unknown): number | undefined {
  if (isHxpError(thrown)) return typeof thrown.details["status"] === "number" ? thrown.details["status"] : undefined;
  return toFetchError(thrown).statusCode;
}

/** Reads the fields of a thrown value that npm-registry-fetch sets. */
export function toFetchError(thrown: unknown): FetchError {
  return thrown instanceof Error ? thrown : { message: String(thrown) };
}

function codeOf({ code, statusCode }: FetchError): ErrorCode {
  if (code === "EOTP") return "REGISTRY_OTP_NEEDED";
  if (statusCode === undefined) return "REGISTRY_UNREACHABLE";
  if (statusCode === 401 || statusCode === 403) return "REGISTRY_UNAUTHORIZED";
  if (statusCode === 409) return "REGISTRY_CONFLICT";
  if (statusCode === 507) return "REGISTRY_FULL";
  return statusCode >= 500 || statusCode === 429 || statusCode === 408 ? "REGISTRY_UNREACHABLE" : "REGISTRY_REFUSED";
}

function saidBy({ body, message }: FetchError): string {
  if (typeof body !== "object" || body === null || Buffer.isBuffer(body)) return message;
  const text = "error" in body ? body.error : "message" in body ? body.message : undefined;
  return typeof text === "string" ? text : message;
}

/** A registry may answer with the very header that it was sent; a password counts without its user as well. */
function maskSecret(text: string, credential: Credential | undefined): string {
  if (credential === undefined) return text;
  const { scheme, secret } = credential;
  const decoded = scheme === "basic" ? Buffer.from(secret, "base64").toString("utf8") : "";
  const secrets = [secret, decoded, decoded.slice(decoded.indexOf(":") + 1)].filter((part) => part !== "");
  return secrets.reduce((masked, part) => masked.replaceAll(part, "***"), text);
}

/** A registry's words may hold escape sequences for the reader's terminal, or be endless. */
function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ").slice(0, 400);
}
