import { readFile } from "node:fs/promises";
import { inspect } from "node:util";
import { HxpError, toHxpError } from "@hxp/errors";

const marker = Symbol.for("hxp.secret");

/** Where a secret is kept: a variable of the process, or a file named by its absolute path. */
export type SecretSource = { kind: "env"; name: string } | { kind: "file"; path: string };

/** What {@link Secret.reveal} reads from. */
export interface RevealOptions {
  /** Default `process.env`. */
  variables?: Readonly<Record<string, string | undefined>>;
  /** Cancels the read of a file. */
  signal?: AbortSignal;
}

/**
 * A secret that a config names but does not hold: only its reference is in memory, so printing, logging or
 * serialising it shows `${env:NAME}` or `${file:/path}` and can show no more.
 */
export interface Secret {
  /** The reference as it is written: `${env:NAME}` or `${file:/path}`. */
  readonly reference: string;
  readonly source: SecretSource;
  /**
   * Reads the value now, each time anew, so that a rotated file is seen. A file's last line break is not part of it.
   * Throws CONFIG_REFERENCE_MISSING when it is not there or empty.
   */
  reveal(options?: RevealOptions): Promise<string>;
  toString(): string;
  toJSON(): string;
}

/** Makes the secret that a reference names. */
export function createSecret(source: SecretSource): Secret {
  const reference = source.kind === "env" ? `\${env:${source.name}}` : `\${file:${source.path}}`;
  const masked = (): string => `Secret(${reference})`;
  const secret: Secret = {
    reference,
    source: Object.freeze({ ...source }),
    reveal: (options = {}) => reveal(source, options),
    toString: masked,
    toJSON: () => reference,
  };
  Object.defineProperty(secret, marker, { value: true });
  Object.defineProperty(secret, inspect.custom, { value: masked });
  return Object.freeze(secret);
}

/** Recognises a secret, of this or another copy of the package. */
export function isSecret(value: unknown): value is Secret {
  return typeof value === "object" && value !== null && marker in value;
}

async function reveal(source: SecretSource, options: RevealOptions): Promise<string> {
  const value =
    source.kind === "env" ? (options.variables ?? process.env)[source.name] : await readSecretFile(source, options);
  if (value !== undefined && value !== "") return value;
  const what = source.kind === "env" ? `variable ${source.name}` : `file ${source.path}`;
  throw new HxpError("CONFIG_REFERENCE_MISSING", `The secret's ${what} is ${value === "" ? "empty" : "not set"}.`);
}

async function readSecretFile(source: { path: string }, { signal }: RevealOptions): Promise<string> {
  try {
    const text = await readFile(source.path, { encoding: "utf8", ...(signal === undefined ? {} : { signal }) });
    return text.replace(/\r?\n$/, "");
  } catch (error) {
    if (signal?.aborted === true) throw error;
    const { message } = toHxpError(error);
    throw new HxpError("CONFIG_REFERENCE_MISSING", `The secret's file ${source.path} cannot be read: ${message}`, {
      cause: error,
    });
  }
}
