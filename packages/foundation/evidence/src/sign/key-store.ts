import { randomUUID } from "node:crypto";
import { closeSync, existsSync, fstatSync, linkSync, openSync, readFileSync, rmSync } from "node:fs";
import { createPrivateKey, type KeyObject } from "node:crypto";
import { dirname } from "node:path";
import { HxpError } from "@hxp/errors";
import { syncFolder, writeFileDurably } from "../durable/index.ts";
import { createSigningKey, type SigningKey } from "./key-signer.ts";
import { identifyPublicKey, isP256 } from "./public-key.ts";

/** Where the passphrase of a key file comes from: the option, else HXP_KEY_PASSPHRASE, else the prompt. Empty means none. */
export interface KeyFileOptions {
  passphrase?: string;
  /** Default `process.env`. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Asks a person; `purpose` says whether the passphrase of a new key is chosen or that of an old one is needed. */
  prompt?: (question: { path: string; purpose: "choose" | "unlock" }) => Promise<string>;
  /** Whether a missing key is made; default true. */
  create?: boolean;
}

/**
 * Opens an ECDSA P-256 key kept in a PKCS#8 PEM file of mode 0600, with its public half beside it as `<path>.pub`;
 * makes both on first use. Throws KEY_FILE_UNSAFE where others may read the file, KEY_PASSPHRASE_WRONG, KEY_FILE_INVALID,
 * and FILE_UNREADABLE where there is none and `create` is false.
 */
export async function openSigningKey(path: string, options: KeyFileOptions = {}): Promise<SigningKey> {
  if (!existsSync(path)) {
    if (options.create === false) throw new HxpError("FILE_UNREADABLE", `there is no key at ${path}`);
    const passphrase = await resolvePassphrase(path, "choose", options);
    createKeyFile(path, passphrase);
    return readKeyFile(path, passphrase);
  }
  const isLocked = readSafely(path).includes("BEGIN ENCRYPTED PRIVATE KEY");
  return readKeyFile(path, isLocked ? await resolvePassphrase(path, "unlock", options) : undefined);
}

async function resolvePassphrase(
  path: string,
  purpose: "choose" | "unlock",
  { passphrase, env = process.env, prompt }: KeyFileOptions,
): Promise<string | undefined> {
  const found = passphrase ?? env["HXP_KEY_PASSPHRASE"] ?? (await prompt?.({ path, purpose }));
  return found === "" ? undefined : found;
}

/** The key appears whole or not at all, and never in the place of one that another process made meanwhile. */
function createKeyFile(path: string, passphrase: string | undefined): void {
  const { privateKey } = createSigningKey();
  const lock = passphrase === undefined ? {} : { cipher: "aes-256-cbc", passphrase };
  const candidate = `${path}.${randomUUID()}.new`;
  writeFileDurably(candidate, privateKey.export({ type: "pkcs8", format: "pem", ...lock }), { mode: 0o600 });
  try {
    linkSync(candidate, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    rmSync(candidate, { force: true });
  }
  syncFolder(dirname(path));
}

function readKeyFile(path: string, passphrase: string | undefined): SigningKey {
  const privateKey = unlock(readSafely(path), path, passphrase);
  if (!isP256(privateKey)) throw new HxpError("KEY_FILE_INVALID", `${path} is not an ECDSA P-256 key`);
  const identity = identifyPublicKey(privateKey);
  ensurePublicHalf(`${path}.pub`, identity.pem);
  return { privateKey, publicKey: identity.key, hint: identity.hint, pem: identity.pem };
}

function unlock(pem: string, path: string, passphrase: string | undefined): KeyObject {
  const isLocked = pem.includes("BEGIN ENCRYPTED PRIVATE KEY");
  if (isLocked && passphrase === undefined) {
    throw new HxpError("KEY_PASSPHRASE_WRONG", `${path} is encrypted and no passphrase was given`);
  }
  try {
    return createPrivateKey({ key: pem, format: "pem", ...(isLocked ? { passphrase } : {}) });
  } catch (cause) {
    if (isLocked) throw new HxpError("KEY_PASSPHRASE_WRONG", `${path} does not open with this passphrase`, { cause });
    throw new HxpError("KEY_FILE_INVALID", `${path} is not a private key in PEM`, { cause });
  }
}

/** Checks the mode on the open file: a check by name could be made on another file than the one that is read. */
function readSafely(path: string): string {
  const file = openSync(path, "r");
  try {
    const mode = fstatSync(file).mode & 0o777;
    if ((mode & 0o077) !== 0) {
      throw new HxpError("KEY_FILE_UNSAFE", `${path} has mode 0${mode.toString(8)}, expected 0600`);
    }
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}

function ensurePublicHalf(path: string, pem: string): void {
  if (!existsSync(path)) {
    writeFileDurably(path, pem);
    return;
  }
  if (identifyPublicKey(readFileSync(path, "utf8")).pem !== pem) {
    throw new HxpError("KEY_FILE_INVALID", `${path} is not the public half of the key beside it`);
  }
}
