import { createPublicKey, type KeyObject } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { HxpError } from "@hxp/errors";
import {
  createKeylessSigner,
  createKeySigner,
  type IdentityPolicy,
  openSigningKey,
  type Signer,
  type SigningKey,
} from "@hxp/evidence";
import type { ReleaseContext } from "../release-context.ts";
import { pickVariables } from "../workspace/credential-free-environment.ts";
import { createModuleSigner } from "./module-signer.ts";

/** Name of the release key in the trust; a rotated key keeps it. */
export const releaseKeyName = "release";

/** Who signs, by which key, and what a verifier must find. */
export interface OpenSigner {
  signer: Signer;
  /** Undefined for keyless signatures, whose keys live for one signature. */
  publicKey: KeyObject | undefined;
  identity: IdentityPolicy;
  /** What locks the keys of this workspace; undefined where they are not locked. */
  passphrase: string | undefined;
}

/** The release key of a workspace, and the passphrase that was given for it. */
export interface ReleaseKey {
  key: SigningKey;
  passphrase: string | undefined;
}

/** Opens the signer that the configuration names. */
export async function openSigner(context: ReleaseContext): Promise<OpenSigner> {
  const { signer } = context.config;
  const { HXP_KEY_PASSPHRASE: passphrase } = context.env;
  if (signer.type === "keyless") {
    const identity = { subject: signer.identity, issuer: signer.issuer };
    return { signer: createKeylessSigner({ fulcioUrl: signer.fulcioUrl }), publicKey: undefined, identity, passphrase };
  }
  const identity = { key: releaseKeyName };
  if (signer.type === "module") {
    const env = { ...context.childEnv, ...pickVariables(context.env, signer.environment) };
    const child = createModuleSigner(signer.module, { cwd: context.workspace, env });
    context.onClose(() => child.close());
    const publicKey = readPublicKey(resolve(context.workspace, signer.publicKey));
    return { signer: child, publicKey, identity, passphrase };
  }
  const { key, passphrase: given } = await openReleaseKey(context);
  return { signer: createKeySigner(key), publicKey: key.publicKey, identity, passphrase: given };
}

/**
 * Opens the release key of a workspace; a missing one is made. Its passphrase comes from the environment, or from the
 * person; for a rehearsal nobody is asked to choose one.
 */
export async function openReleaseKey(
  context: ReleaseContext,
  path = join(context.paths.keys, "release.pem"),
): Promise<ReleaseKey> {
  const { config, env, options, prompt, progress } = context;
  let passphrase = config.signer.type === "key" ? env[config.signer.passphraseVariable] : undefined;
  const isNew = !existsSync(path);
  const isRehearsal = (options.to ?? config.registry) === "local";
  const asks = prompt !== undefined && !(isNew && isRehearsal);
  const question = isNew ? `Choose a passphrase for the new key ${path} (empty for none)` : `Passphrase of ${path}`;
  const key = await openSigningKey(path, {
    env: {},
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(asks ? { prompt: async () => (passphrase = await prompt(question)) } : {}),
  });
  if (isNew) progress.note(`  made the signing key ${path} (${describeLock(path)})`);
  return { key, passphrase };
}

function describeLock(path: string): string {
  const isLocked = readFileSync(path, "utf8").includes("ENCRYPTED");
  return isLocked ? "encrypted" : "without a passphrase; set HXP_KEY_PASSPHRASE before the first run for one";
}

function readPublicKey(path: string): KeyObject {
  try {
    return createPublicKey(readFileSync(path));
  } catch (cause) {
    throw new HxpError("RELEASE_CONFIG_INVALID", `signer.publicKey: ${path} is not a public key in PEM`, { cause });
  }
}
