/**
 * The seam for whoever holds the key: one method, `sign(data) → {signature, key}`. A key management service fits by
 * implementing it: an ECDSA P-256 signature over SHA-256 in DER, or Ed25519, and the public key in PEM with its hint.
 */
export type { Signer } from "@sigstore/sign";
/** The seam for whoever confirms that a signature existed at a time: a transparency log or a timestamp authority. */
export type { Witness } from "@sigstore/sign";
