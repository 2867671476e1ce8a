import type { KeyObject } from "node:crypto";
import { HxpError } from "@hxp/errors";
import type { Trust } from "./trust.ts";
import { createTrustedKey, toWholeSecond, type TrustedKey } from "./trusted-key.ts";

/** What {@link rotateKey} takes. */
export interface RotateKeyOptions {
  /** Name of the key to replace; its successor takes the name and purposes over. */
  name: string;
  /** The successor: KeyObject or PEM. */
  publicKey: KeyObject | string;
  /** When it takes over, cut to the whole second as log time is; default: now. In the past for a key that leaked. */
  at?: Date;
}

/**
 * Returns a trust in which the key of that name has ended and its successor counts: what the old key signed before stays
 * valid, what it signs from the next second on is refused. Throws USAGE_INVALID where no key of the name is in use, or the
 * successor is known already.
 */
export function rotateKey(trust: Trust, { name, publicKey, at = new Date() }: RotateKeyOptions): Trust {
  const current = trust.keys.filter((key) => key.name === name && key.validFor.end === undefined);
  const purposes = [...new Set(current.flatMap((key) => key.purposes))];
  if (current.length === 0) throw new HxpError("USAGE_INVALID", `the trust has no key in use by the name ${name}`);
  const successor = createTrustedKey(publicKey, { name, purposes, start: at });
  if (trust.keys.some(({ hint }) => hint === successor.hint)) {
    throw new HxpError("USAGE_INVALID", `the successor of ${name} is in the trust already`);
  }
  return { ...trust, keys: [...trust.keys.map((key) => (current.includes(key) ? endKey(key, at) : key)), successor] };
}

function endKey(key: TrustedKey, at: Date): TrustedKey {
  const end = toWholeSecond(at);
  if (Date.parse(end) < Date.parse(key.validFor.start)) {
    throw new HxpError(
      "USAGE_INVALID",
      `the key ${key.name} counts from ${key.validFor.start}, it cannot end at ${end}`,
    );
  }
  return { ...key, validFor: { ...key.validFor, end } };
}
