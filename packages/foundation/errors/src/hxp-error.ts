import type { ErrorEntry } from "./error-entry.ts";
import { type ErrorCode, errorTable } from "./error-table.ts";

const marker = Symbol.for("hxp.error");

/** What {@link HxpError} takes beside its code and message. */
export interface HxpErrorOptions {
  /** What the reader does now; default: the table's fix for the code. */
  hint?: string;
  /** The error underneath. */
  cause?: unknown;
  /** Facts for machines: paths, digests, names. Never a secret. */
  details?: Readonly<Record<string, unknown>>;
}

/**
 * The one error class of HXP. The message says what failed, the value or path, and what was expected. What looks like a
 * secret is masked in message and hint, and in the details when they become JSON; `details` and `cause` in memory are as
 * they were given, so whoever prints those masks them.
 */
export class HxpError extends Error {
  override readonly name = "HxpError";
  readonly code: ErrorCode;
  readonly hint: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: HxpErrorOptions = {}) {
    super(redact(message), options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.hint = redact(options.hint ?? errorTable[code].fix);
    this.details = options.details ?? {};
    Object.defineProperty(this, marker, { value: true });
  }

  /** Whether the same call can succeed later without a change by the caller. */
  get retryable(): boolean {
    return errorTable[this.code].retryable;
  }

  /** HTTP status that a server answers with. */
  get status(): number {
    return entryOf(this.code).status ?? 500;
  }

  /** Exit code of a command that ends with this error. */
  get exitCode(): number {
    return errorTable[this.code].exitCode;
  }

  /** The error as JSON: `{code, message, hint, retryable, details}`, without cause and stack. */
  toJSON(): Record<string, unknown> {
    const { code, message, hint, retryable, details } = this;
    return { code, message, hint, retryable, details: redactLeaves(details) };
  }
}

function redactLeaves(value: unknown): unknown {
  if (typeof value === "string") return redact(value);
  if (Array.isArray(value)) return value.map(redactLeaves);
  const isPlain = typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  if (!isPlain) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, redactLeaves(child)]));
}

/** Tells an HxpError, of this or another copy of the package, from other values; with `code`, that very error. */
export function isHxpError(value: unknown, code?: ErrorCode): value is HxpError {
  if (typeof value !== "object" || value === null || !(marker in value)) return false;
  return code === undefined || ("code" in value && value.code === code);
}

/** Looks a code up in the table. */
export function entryOf(code: ErrorCode): ErrorEntry {
  return errorTable[code];
}

/** Turns anything thrown into an HxpError: ours as it is, a full disk as STORAGE_FULL, the rest as INTERNAL. */
export function toHxpError(thrown: unknown): HxpError {
  if (isHxpError(thrown)) return thrown;
  const { code, path, message } = describe(thrown);
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new HxpError("STORAGE_FULL", `No space left while writing ${path ?? "a file"}: ${message}`, {
      cause: thrown,
    });
  }
  return new HxpError("INTERNAL", message, { cause: thrown });
}

function describe(thrown: unknown): { code?: unknown; path?: string; message: string } {
  if (!(thrown instanceof Error)) return { message: String(thrown) };
  return thrown;
}

const secretPatterns: [RegExp, string][] = [
  // A user name or password before the host; as far as the last @, for passwords may hold slashes.
  [/\/\/(?=[^/\s"'<>]*@|[^/\s"'<>@:[\]]+:(?!\d{1,5}(?:[/?#\s"'<>]|$)))[^\s"'<>]*@/g, "//***@"],
  [/(\bhttps?:\/\/[^\s"'<>?#]*\?)[^\s"'<>#]+/gi, "$1***"],
  [/(\bhttps?:\/\/[^\s"'<>#]*#)[^\s"'<>]+/gi, "$1***"],
  [/\b(npm_|hxp_|gh[pousr]_|glpat-)[A-Za-z0-9_-]{16,}/g, "$1***"],
  [/\b(AKIA|ASIA)[A-Z0-9]{16}\b/g, "$1***"],
  [/\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*/g, "***"],
  [/((?:_authToken|_auth|_password|Bearer|Basic)\s*[=:]?\s*)[^\s"',;]{6,}/gi, "$1***"],
  [/((?:_authToken|_auth|_password|\bpassword|\bpasswd|\bsecret|\btoken)=)[^\s"',;&]+/gi, "$1***"],
  [/(\b(?:password|passwd|x-api-key|api[-_]?key|secret[-_]access[-_]key)["']?\s*[:=]\s*["']?)[^\s"',;]+/gi, "$1***"],
];

/** A part of whatever one of the patterns above matches. Most texts have none, and servers mask several of them for each request. */
const sign =
  /\/\/|npm_|hxp_|gh[pousr]_|glpat-|A[KS]IA|eyJ|_auth|_password|bearer|basic|passw|secret|token|api[-_]?key/i;

/**
 * Masks what looks like a secret in a text: tokens of known form, credentials, queries and fragments of URLs, and the
 * values of authorization headers and of keys that are called a password or an API key.
 */
export function redact(text: string): string {
  if (!sign.test(text)) return text;
  return secretPatterns.reduce((masked, [pattern, replacement]) => masked.replace(pattern, replacement), text);
}
