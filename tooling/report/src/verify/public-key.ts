import { type Bytes, concatBytes } from "./bytes.ts";

/** Verifies a signature over bytes. */
export type SignatureCheck = (signature: Bytes, data: Bytes) => Promise<boolean>;

/** Reads a public key (SubjectPublicKeyInfo, DER): ECDSA P-256 with SHA-256, or Ed25519. Throws for any other. */
export async function readPublicKey(der: Bytes): Promise<SignatureCheck> {
  if (startsWith(der, ed25519Head)) {
    const key = await crypto.subtle.importKey("spki", der, "Ed25519", false, ["verify"]);
    return (signature, data) => crypto.subtle.verify("Ed25519", key, signature, data);
  }
  const key = await crypto.subtle.importKey("spki", der, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
  return async (signature, data) => {
    const raw = toRaw(signature);
    return raw !== undefined && crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, raw, data);
  };
}

const ed25519Head = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70);

function startsWith(bytes: Bytes, head: Bytes): boolean {
  return head.every((byte, index) => bytes[index] === byte);
}

/** The two numbers of an ECDSA signature, 32 bytes each: Web Crypto takes no DER. Undefined for what is not DER. */
function toRaw(der: Bytes): Bytes | undefined {
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return undefined;
  const first = readInteger(der, 2);
  const second = first === undefined ? undefined : readInteger(der, first.end);
  if (first === undefined || second === undefined || second.end !== der.length) return undefined;
  return concatBytes(first.value, second.value);
}

function readInteger(der: Bytes, start: number): { value: Bytes; end: number } | undefined {
  const length = der[start + 1] ?? 0;
  const end = start + 2 + length;
  if (der[start] !== 0x02 || length === 0 || length > 33 || end > der.length) return undefined;
  const number = withoutSign(der.slice(start + 2, end));
  if (number === undefined || number.length > 32) return undefined;
  return { value: concatBytes(new Uint8Array(32 - number.length), number), end };
}

/** A negative number is refused, and so is a zero in front that DER has no use for: other readers refuse these, too. */
function withoutSign(digits: Bytes): Bytes | undefined {
  const [first = 0, second] = digits;
  if (first > 0x7f) return undefined;
  if (first !== 0 || second === undefined) return digits;
  return second > 0x7f ? digits.slice(1) : undefined;
}
