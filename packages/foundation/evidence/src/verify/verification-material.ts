import { HxpError } from "@hxp/errors";
import { TrustedRoot } from "@sigstore/protobuf-specs";
import { toTrustMaterial, Verifier } from "@sigstore/verify";
import { readPublicKey } from "../sign/public-key.ts";
import type { Trust } from "../trust/trust.ts";
import { isValidAt, type TrustedKey } from "../trust/trusted-key.ts";

/** A trust made ready for verifying. */
export interface VerificationMaterial {
  readonly verifier: Verifier;
  readonly keys: ReadonlyMap<string, TrustedKey>;
}

const prepared = new WeakMap<Trust, VerificationMaterial>();

/** Makes a trust ready for verifying; the second time for the same trust it is at hand. */
export function prepareTrust(trust: Trust): VerificationMaterial {
  const known = prepared.get(trust);
  if (known !== undefined) return known;
  const keys = new Map(trust.keys.map((key) => [key.hint, key]));
  const root = TrustedRoot.fromJSON(trust.trustedRoot);
  const material = toTrustMaterial(root, keyFinder(keys));
  const options = { tlogThreshold: 1, timestampThreshold: 1, ctlogThreshold: root.ctlogs.length > 0 ? 1 : 0 };
  const fresh = { verifier: new Verifier(material, options), keys };
  prepared.set(trust, fresh);
  return fresh;
}

function keyFinder(keys: ReadonlyMap<string, TrustedKey>): Parameters<typeof toTrustMaterial>[1] {
  const parsed = new Map(
    [...keys].map(([hint, { publicKey }]) => [hint, readPublicKey(Buffer.from(publicKey, "base64"))]),
  );
  return (hint) => {
    const [key, publicKey] = [keys.get(hint), parsed.get(hint)];
    if (key === undefined || publicKey === undefined) {
      throw new HxpError("KEY_NOT_TRUSTED", `the trust has no key ${hint}`);
    }
    return { publicKey, validFor: (time) => isValidAt(key, time) };
  };
}
