import type { KeyObject } from "node:crypto";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { HxpError } from "@hxp/errors";
import { createTrustedKey, exportTrust, identifyPublicKey, readTrust, type Trust, writeTrust } from "@hxp/evidence";
import type { ReleaseContext } from "../release-context.ts";
import { releaseKeyName } from "./open-signer.ts";

/** What a trust root must hold for a workspace's own signatures to verify. */
export interface TrustNeeds {
  log: { origin: string; publicKey: KeyObject };
  /** Undefined for keyless signatures. */
  publicKey: KeyObject | undefined;
}

/**
 * Reads the trust root of a workspace, and makes it on the first use. One that does not know the release key is not added
 * to: whoever puts another key in the folder must not become trusted by it.
 */
export function openTrust(context: ReleaseContext, { log, publicKey }: TrustNeeds): Trust {
  const { trust: folder } = context.paths;
  if (!existsSync(join(folder, "trusted_root.json"))) writeTrust(folder, createTrust(context, { log, publicKey }));
  const trust = readTrust(folder);
  if (publicKey === undefined) return trust;
  const { hint } = identifyPublicKey(publicKey);
  if (trust.keys.some((key) => key.hint === hint)) return trust;
  throw new HxpError("KEY_NOT_TRUSTED", `The release key ${hint} is not in the trust root ${folder}`, {
    hint: "`pnpm release keys rotate` replaces a key and keeps the old one valid for what it signed.",
  });
}

function createTrust({ clock, config, workspace }: ReleaseContext, { log, publicKey }: TrustNeeds): Trust {
  const start = new Date(clock());
  const keys = publicKey === undefined ? [] : [createTrustedKey(publicKey, { name: releaseKeyName, start })];
  const { signer } = config;
  const base = signer.type === "keyless" ? readTrust(resolve(workspace, signer.trustedRoot)).trustedRoot : undefined;
  return exportTrust({ logs: [{ ...log, start }], keys, ...(base === undefined ? {} : { base }) });
}
