import { type ErrorCode, type HxpError, isHxpError } from "@hxp/errors";
import { renderUsage } from "../forward/read/usage.ts";
import type { CountedUsage } from "../pipeline.ts";

/** OpenAI's shape of an error. */
interface OpenAiError {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string;
  };
}

/** An error as an HTTP answer. */
export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: OpenAiError;
}

interface Words {
  /** Default `invalid_request_error` below status 500, else `server_error`. */
  type?: string;
  /** Default: the code in lower case. */
  code?: string;
  /** Default: the error's own message. */
  message?: string;
}

/** What clients are told, by code. A code that is not here is told as an internal error: its message was not written for strangers. */
const words: Partial<Record<ErrorCode, Words>> = {
  API_KEY_INVALID: { code: "invalid_api_key" },
  PERMISSION_DENIED: { type: "permission_error" },
  REQUEST_INVALID: { code: "invalid_request" },
  BODY_TOO_LARGE: {},
  BODY_TIMEOUT: {},
  CONTENT_TYPE_UNSUPPORTED: {},
  HEADERS_TOO_LARGE: {},
  ROUTE_NOT_FOUND: { code: "not_found" },
  METHOD_NOT_ALLOWED: {},
  ENDPOINT_UNSUPPORTED: { code: "unsupported_endpoint" },
  KEY_NOT_FOUND: {},
  SERVER_DRAINING: {},
  CLIENT_GONE: {},
  RATE_LIMIT_EXCEEDED: { type: "requests" },
  TOKENS_LIMIT_EXCEEDED: { type: "tokens", code: "rate_limit_exceeded" },
  CONCURRENCY_EXCEEDED: { type: "requests" },
  BUDGET_EXCEEDED: { type: "insufficient_quota", code: "insufficient_quota" },
  MODEL_NOT_FOUND: {},
  MODEL_UNAVAILABLE: {},
  QUEUE_FULL: {},
  QUEUE_TIMEOUT: {},
  UPSTREAM_UNREACHABLE: {},
  UPSTREAM_TIMEOUT: {},
  UPSTREAM_BUSY: {},
  UPSTREAM_FAILED: {},
  UPSTREAM_MISCONFIGURED: {},
  UPSTREAM_CUT: {},
  UPSTREAM_STALLED: {},
  UPSTREAM_INVALID: {},
  UPSTREAM_INCOMPLETE: {},
  UPSTREAM_OVERSIZED: {},
  REQUEST_REFUSED: { code: "invalid_request" },
  REQUEST_TIMEOUT: {},
  STORAGE_UNAVAILABLE: { message: "The server's storage does not answer." },
  AUDIT_LOG_UNWRITABLE: { message: "The audit log cannot be written, so nothing was changed." },
  STORAGE_CONFLICT: { message: "The record was changed by somebody else meanwhile." },
};

/** Codes whose details are what an engine said of a request. */
const saidByEngines: ReadonlySet<ErrorCode> = new Set(["REQUEST_REFUSED", "ENDPOINT_UNSUPPORTED"]);

const internal: Words = { code: "internal_error", message: "The server met an error while it answered the request." };

/** What a client is told of an error: status, headers and body in OpenAI's shape. What is internal stays so. */
export function toOpenAiError(error: HxpError): ErrorAnswer {
  const isTold = words[error.code] !== undefined;
  const headers: Record<string, string> = { "x-should-retry": String(isTold && isWorthRetrying(error)) };
  Object.assign(headers, ownHeaders(error), isTold ? waitHeaders(error) : {});
  return { status: isTold ? error.status : 500, headers, body: { error: describe(error) } };
}

/** An error for a stream that has begun: also whether to try again, and what was used until then. */
export function toInBandError(error: HxpError): { readonly error: Readonly<Record<string, unknown>> } {
  const usage = usageOf(error);
  return {
    error: {
      ...describe(error),
      retryable: words[error.code] !== undefined && isWorthRetrying(error),
      ...(usage === undefined ? {} : { usage: renderUsage(usage) }),
    },
  };
}

/** Whether what happened is told to clients as it is. */
export function isInternal(error: HxpError): boolean {
  return words[error.code] === undefined;
}

/** What was generated before an error, where it is known. */
export function usageOf(error: unknown): CountedUsage | undefined {
  if (!isHxpError(error)) return undefined;
  const { usage } = error.details;
  return typeof usage === "object" && usage !== null ? (usage as CountedUsage) : undefined;
}

function describe(error: HxpError): OpenAiError["error"] {
  const { type, code, message } = words[error.code] ?? internal;
  const told = saidByEngines.has(error.code) ? error.details : {};
  return {
    message: message ?? error.message,
    type:
      textOf(told["type"]) ??
      type ??
      (isInternal(error) || error.status >= 500 ? "server_error" : "invalid_request_error"),
    param: textOf(error.details["param"]) ?? null,
    code: textOf(told["code"]) ?? code ?? error.code.toLowerCase(),
  };
}

function isWorthRetrying(error: HxpError): boolean {
  // A limit that does not say until when does not end by waiting: the request is larger than the limit.
  return error.retryable && (error.status !== 429 || error.details["retryAfterMs"] !== undefined);
}

function waitHeaders({ details }: HxpError): Record<string, string> {
  const { retryAfterMs } = details;
  if (typeof retryAfterMs !== "number" || !Number.isFinite(retryAfterMs)) return {};
  const ms = Math.max(0, Math.ceil(retryAfterMs));
  return { "retry-after": String(Math.ceil(ms / 1000)), "retry-after-ms": String(ms) };
}

function ownHeaders({ details }: HxpError): Record<string, string> {
  const { headers } = details;
  return typeof headers === "object" && headers !== null ? (headers as Record<string, string>) : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
