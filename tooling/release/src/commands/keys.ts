import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { HxpError } from "@hxp/errors";
import { readTrust, rotateKey, type SigningKey, type Trust, type TrustedKey, writeTrust } from "@hxp/evidence";
import { writeFileDurably } from "@hxp/evidence/durable";
import { openReleaseKey, releaseKeyName } from "../evidence/open-signer.ts";
import { openSigning } from "../evidence/signing.ts";
import type { ReleaseContext } from "../release-context.ts";

/** Keys of a workspace's trust root. */
export interface KeysOutcome {
  trustedRoot: string;
  keys: TrustedKey[];
}

/** `pnpm release keys`: the keys that signatures are checked with; makes the first ones. */
export async function listKeys(context: ReleaseContext): Promise<KeysOutcome> {
  const { trust } = await openSigning(context);
  return { trustedRoot: join(context.paths.trust, "trusted_root.json"), keys: [...trust.keys] };
}

/** How {@link rotateReleaseKey} rotates. */
export interface RotateOptions {
  /** From when on the old key does not count: a time in the past for a key that leaked. Default: now. */
  at?: Date | undefined;
}

/**
 * `pnpm release keys rotate`: makes a new release key. What the old one signed before stays valid; what it signs from
 * then on is refused. The old private key is kept beside the new one, out of use. Killed anywhere, it goes on where it
 * was when it is called again: `release.pem.next` is there until all is done.
 */
export async function rotateReleaseKey(context: ReleaseContext, { at }: RotateOptions = {}): Promise<KeysOutcome> {
  if (context.config.signer.type !== "key") {
    throw new HxpError(
      "USAGE_INVALID",
      `The signer is ${context.config.signer.type}: its keys are rotated where they are kept`,
    );
  }
  if (at !== undefined && at.getTime() > context.clock()) {
    throw new HxpError("USAGE_INVALID", `--at ${at.toISOString()} is yet to come; a rotation is made when it begins`);
  }
  const path = join(context.paths.keys, "release.pem");
  if (!existsSync(path)) return listKeys(context);
  // Opening proves that whoever rotates holds the old key.
  const { key: old } = await openReleaseKey(context);
  const { key: next } = await openReleaseKey(context, `${path}.next`);
  const trust = replaceKey(context, next, at);
  writeTrust(context.paths.trust, trust);
  if (old.hint !== next.hint) replaceKeyFile(path, old);
  writeFileDurably(`${path}.pub`, next.pem);
  rmSync(`${path}.next.pub`, { force: true });
  rmSync(`${path}.next`);
  return { trustedRoot: join(context.paths.trust, "trusted_root.json"), keys: [...trust.keys] };
}

/** A private key without its public half opens, one beside another's does not: so the old half goes first. */
function replaceKeyFile(path: string, old: SigningKey): void {
  const kept = `${path}.${old.hint.replaceAll(/[^A-Za-z0-9]/g, "").slice(0, 12)}`;
  writeFileDurably(kept, readFileSync(path), { mode: 0o600 });
  rmSync(`${path}.pub`, { force: true });
  writeFileDurably(path, readFileSync(`${path}.next`), { mode: 0o600 });
}

/** A rotation that was killed after the trust was written finds the new key in it and goes on. */
function replaceKey(context: ReleaseContext, next: SigningKey, at: Date | undefined): Trust {
  const trust = readTrust(context.paths.trust);
  const known = trust.keys.find(({ hint }) => hint === next.hint);
  if (known === undefined) {
    return rotateKey(trust, { name: releaseKeyName, publicKey: next.publicKey, at: at ?? new Date(context.clock()) });
  }
  const { start } = known.validFor;
  if (at === undefined || Math.floor(at.getTime() / 1000) === Math.floor(Date.parse(start) / 1000)) return trust;
  throw new HxpError("USAGE_INVALID", `A rotation at ${start} is not done yet; rotate with --at ${start} to end it`);
}
