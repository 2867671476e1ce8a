import type { KeyObject } from "node:crypto";
import { copyFileSync, existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { HxpError } from "@hxp/errors";
import { readTrust, rotateKey, type Trust, type TrustedKey, writeTrust } from "@hxp/evidence";
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

/**
 * `pnpm release keys rotate`: makes a new release key. What the old one signed stays valid; what it signs from now on is
 * refused. The old private key is kept beside the new one, out of use.
 */
export async function rotateReleaseKey(context: ReleaseContext): Promise<KeysOutcome> {
  if (context.config.signer.type !== "key") {
    throw new HxpError(
      "USAGE_INVALID",
      `The signer is ${context.config.signer.type}: its keys are rotated where they are kept`,
    );
  }
  const path = join(context.paths.keys, "release.pem");
  if (!existsSync(path)) return listKeys(context);
  // Opening proves that whoever rotates holds the old key.
  const old = await openReleaseKey(context);
  const next = await openReleaseKey(context, `${path}.next`);
  const trust = replaceKey(context, next);
  const kept = `${path}.${old.hint.replaceAll(/[^A-Za-z0-9]/g, "").slice(0, 12)}`;
  copyFileSync(path, kept);
  writeTrust(context.paths.trust, trust);
  renameSync(`${path}.next.pub`, `${path}.pub`);
  renameSync(`${path}.next`, path);
  return { trustedRoot: join(context.paths.trust, "trusted_root.json"), keys: [...trust.keys] };
}

/** A rotation that was killed after the trust was written finds the new key in it and goes on. */
function replaceKey(context: ReleaseContext, next: { hint: string; publicKey: KeyObject }): Trust {
  const trust = readTrust(context.paths.trust);
  if (trust.keys.some(({ hint }) => hint === next.hint)) return trust;
  return rotateKey(trust, { name: releaseKeyName, publicKey: next.publicKey, at: new Date(context.clock()) });
}
