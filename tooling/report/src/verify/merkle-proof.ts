import { type Bytes, concatBytes, digest, equalBytes } from "./bytes.ts";

/** A leaf's place in a tree, and the hashes that lead to its root. */
export interface MerkleProof {
  index: number;
  size: number;
  hashes: readonly Bytes[];
}

/** Whether a proof leads from a leaf's data to a root (RFC 6962, 2.1.1; verified as RFC 9162, 2.1.3.2 says). */
export async function verifyMerkleProof(proof: MerkleProof, leaf: Bytes, root: Bytes): Promise<boolean> {
  const { index, size, hashes } = proof;
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  let [position, last] = [index, size - 1];
  let hash = await digest("SHA-256", concatBytes(Uint8Array.of(0), leaf));
  for (const sibling of hashes) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      hash = await hashNode(sibling, hash);
      while (position % 2 === 0 && position !== 0) [position, last] = [half(position), half(last)];
    } else {
      hash = await hashNode(hash, sibling);
    }
    [position, last] = [half(position), half(last)];
  }
  return last === 0 && equalBytes(hash, root);
}

function hashNode(left: Bytes, right: Bytes): Promise<Bytes> {
  return digest("SHA-256", concatBytes(Uint8Array.of(1), left, right));
}

function half(value: number): number {
  return Math.floor(value / 2);
}
