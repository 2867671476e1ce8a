import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { HxpError } from "@hxp/errors";

/** The server's secret, ready to hash with. */
export type Pepper = KeyObject;

/** Makes a pepper of its text or bytes. Throws USAGE_INVALID when it is shorter than 32 bytes. */
export function createPepper(secret: string | Uint8Array): Pepper {
  const bytes = typeof secret === "string" ? Buffer.from(secret, "utf8") : Buffer.from(secret);
  if (bytes.length < 32) {
    throw new HxpError("USAGE_INVALID", `The pepper has ${bytes.length} bytes, expected at least 32.`);
  }
  return createSecretKey(bytes);
}

/** HMAC-SHA-256 of a key's secret part under the pepper. */
export function hashSecret(pepper: Pepper, secret: string): Buffer {
  return createHmac("sha256", pepper).update(secret).digest();
}
