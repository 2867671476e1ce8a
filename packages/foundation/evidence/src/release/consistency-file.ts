import { readFileSync } from "node:fs";
import { z } from "zod";
import type { ConsistencyClaim } from "../verify/verify-consistency.ts";
import { failed } from "./verification.ts";

/** The text of `log/consistency.json`. */
export function renderConsistency({ from, to, proof }: ConsistencyClaim): string {
  const hashes = proof.hashes.map((hash) => hash.toString("base64"));
  return `${JSON.stringify({ from, to, proof: { ...proof, hashes } }, null, 2)}\n`;
}

const consistencySchema = z.strictObject({
  from: z.string(),
  to: z.string(),
  proof: z.strictObject({ fromSize: z.number(), toSize: z.number(), hashes: z.array(z.base64()) }),
});

/** Reads `log/consistency.json`; VERIFICATION_FAILED for anything but the text that was written. Proves nothing yet. */
export function readConsistency(path: string): ConsistencyClaim {
  const text = readFileSync(path, "utf8");
  try {
    const { from, to, proof } = consistencySchema.parse(JSON.parse(text));
    const claim = { from, to, proof: { ...proof, hashes: proof.hashes.map((hash) => Buffer.from(hash, "base64")) } };
    if (renderConsistency(claim) === text) return claim;
  } catch (error) {
    throw failed(path, "is not a proof", error);
  }
  throw failed(path, "is not as it was written");
}

/** Number of entries of a checkpoint, its second line; not yet verified. */
export function sizeOf(checkpoint: string): number {
  return Number(checkpoint.split("\n")[1]);
}
