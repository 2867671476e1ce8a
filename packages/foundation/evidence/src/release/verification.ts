import { existsSync, readFileSync } from "node:fs";
import { HxpError } from "@hxp/errors";
import type { Trust } from "../trust/trust.ts";
import type { IdentityPolicy } from "../verify/identity.ts";
import type { VerifiedStatement } from "../verify/verify-statement.ts";

/** Against what is verified. */
export interface VerifyOptions {
  trust: Trust;
  /** Who must have signed. */
  identity: IdentityPolicy;
  /** What days are counted from, and after which no log entry may be; default: now. */
  now?: Date;
}

/** One thing that was verified. */
export interface Verification {
  /** File or package. */
  what: string;
  /** What is known now. */
  says: string;
  /** When its signature entered the log, ISO 8601; absent where nothing is signed. */
  loggedAt?: string;
}

/** Says what a verified statement makes known. */
export function describe(what: string, says: string, { loggedAt }: VerifiedStatement): Verification {
  return { what, says, loggedAt: loggedAt.toISOString() };
}

/** The error for a file that is not what the evidence says. */
export function failed(path: string, what: string, cause?: unknown): HxpError {
  return new HxpError("VERIFICATION_FAILED", `${path} ${what}`, cause === undefined ? {} : { cause });
}

/** Reads a file as text; VERIFICATION_FAILED where it is missing. */
export function readKept(path: string): string {
  if (!existsSync(path)) throw failed(path, "is missing");
  return readFileSync(path, "utf8");
}

/**
 * Reads a bundle as text. VERIFICATION_FAILED where it is missing, or not as JSON.stringify writes it: a key that stands
 * twice would mean one thing to one reader and another to the next.
 */
export function readBundle(path: string): string {
  const text = readKept(path);
  if (JSON.stringify(parse(text, path)) === text.replace(/\n$/, "")) return text;
  throw failed(path, "is not JSON as it is written");
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw failed(path, "is not JSON", cause);
  }
}
