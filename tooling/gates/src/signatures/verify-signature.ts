import { verify } from "node:crypto";
import type { PublishedVersion, RegistrySignature } from "./published-versions.ts";
import type { SigningKey, SigningKeys } from "./signing-keys.ts";

/** What verifying a registry's signature came to; `problem` says why it is not `verified`. */
export type SignatureVerdict =
  | { signature: "verified"; keyid: string }
  | { signature: "invalid" | "unsigned" | "unknown"; rule: SignatureRule; problem: string };

type SignatureRule = "signature-invalid" | "signature-missing" | "key-expired" | "key-unknown";

/** Verifies a registry's signatures over `name@version:integrity`, each whose key is known; one must be. */
export function verifySignatures(
  name: string,
  version: PublishedVersion & { integrity: string },
  keys: SigningKeys,
): SignatureVerdict {
  const id = `${name}@${version.version}`;
  const { signatures, published } = version;
  if (signatures.length === 0) {
    const problem = `${id} has no signature of the registry`;
    return { signature: "unsigned", rule: "signature-missing", problem };
  }
  const known = signatures.flatMap((signature) => {
    const key = keys.get(signature.keyid);
    return key === undefined ? [] : [{ signature, key }];
  });
  const [first] = known;
  if (first === undefined) {
    const names = signatures.map(({ keyid }) => keyid).join(", ");
    return {
      signature: "unknown",
      rule: "key-unknown",
      problem: `${id} is signed by a key that nobody knows: ${names}`,
    };
  }
  const payload = Buffer.from(`${id}:${version.integrity}`);
  const wrong = known.find(({ signature, key }) => !isSignedBy(payload, signature, key));
  if (wrong !== undefined) {
    const problem = `the signature of ${id} by ${wrong.signature.keyid} is not over ${version.integrity}`;
    return { signature: "invalid", rule: "signature-invalid", problem };
  }
  const timely = known.find(({ key }) => isInTime(key, published));
  if (timely !== undefined) return { signature: "verified", keyid: timely.signature.keyid };
  const problem = `${id} was published ${published ?? "nobody knows when"}, after its key ${first.signature.keyid} had expired`;
  return { signature: "invalid", rule: "key-expired", problem };
}

function isSignedBy(payload: Buffer, { sig }: RegistrySignature, { key }: SigningKey): boolean {
  return verify("sha256", payload, key, Buffer.from(sig, "base64"));
}

/** A version of no known time may be younger than any key that has ended. */
function isInTime({ expires }: SigningKey, published: string | undefined): boolean {
  if (expires === undefined) return true;
  return published !== undefined && Date.parse(published) <= expires;
}
