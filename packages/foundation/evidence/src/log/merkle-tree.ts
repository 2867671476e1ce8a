import { createHash } from "node:crypto";

/** A leaf's place in a tree of a given size, and the hashes that lead from it to the root. */
export interface InclusionProof {
  index: number;
  size: number;
  hashes: readonly Buffer[];
}

/** The hashes that show a tree of `fromSize` leaves to be the beginning of one of `toSize`. */
export interface ConsistencyProof {
  fromSize: number;
  toSize: number;
  hashes: readonly Buffer[];
}

/** Hash of a leaf (RFC 9162, 2.1.1). */
export function hashLeaf(data: Uint8Array): Buffer {
  return createHash("sha256").update(leafPrefix).update(data).digest();
}

/** Hash of a node over its children (RFC 9162, 2.1.1). */
export function hashNode(left: Uint8Array, right: Uint8Array): Buffer {
  return createHash("sha256").update(nodePrefix).update(left).update(right).digest();
}

const leafPrefix = Buffer.from([0]);
const nodePrefix = Buffer.from([1]);

/**
 * An append-only Merkle tree of leaf hashes (RFC 9162, 2.1). It keeps the hashes of all complete subtrees, so that
 * appending and proving take a number of hashes that grows with the logarithm of the size.
 */
export class MerkleTree {
  /** `#levels[h][i]` is the root of the complete subtree over leaves i·2^h to (i+1)·2^h − 1. */
  readonly #levels: Buffer[][] = [[]];

  /** Number of leaves. */
  get size(): number {
    return this.#level(0).length;
  }

  /** Adds a leaf by its hash. */
  append(leafHash: Buffer): void {
    this.#level(0).push(leafHash);
    for (let height = 0; this.#level(height).length % 2 === 0; height += 1) {
      const [left, right] = this.#level(height).slice(-2);
      if (left !== undefined && right !== undefined) this.#level(height + 1).push(hashNode(left, right));
    }
  }

  /** Root of the tree when it had `size` leaves; default: now. */
  root(size = this.size): Buffer {
    this.#requireSize(size);
    return size === 0 ? createHash("sha256").digest() : this.#rangeHash(0, size);
  }

  /** Proves that leaf `index` is in the tree of `size` leaves; default: of now. */
  proveInclusion(index: number, size = this.size): InclusionProof {
    this.#requireSize(size);
    if (!Number.isInteger(index) || index < 0 || index >= size) throw new RangeError(`no leaf ${index} of ${size}`);
    return { index, size, hashes: this.#inclusionPath(index, 0, size) };
  }

  /** Proves that the tree of `fromSize` leaves is the beginning of that of `toSize`; default: of now. */
  proveConsistency(fromSize: number, toSize = this.size): ConsistencyProof {
    this.#requireSize(toSize);
    this.#requireSize(fromSize);
    if (fromSize > toSize) throw new RangeError(`${fromSize} leaves are more than ${toSize}`);
    const isTrivial = fromSize === 0 || fromSize === toSize;
    return { fromSize, toSize, hashes: isTrivial ? [] : this.#consistencyPath(fromSize, 0, toSize) };
  }

  /** PATH(m, D[n]) of RFC 9162, 2.1.3.1. */
  #inclusionPath(index: number, start: number, end: number): Buffer[] {
    if (end - start === 1) return [];
    const middle = start + splitPoint(end - start);
    if (index < middle) return [...this.#inclusionPath(index, start, middle), this.#rangeHash(middle, end)];
    return [...this.#inclusionPath(index, middle, end), this.#rangeHash(start, middle)];
  }

  /** SUBPROOF(m, D[n], b) of RFC 9162, 2.1.4.1; b holds exactly while `start` is 0. */
  #consistencyPath(fromSize: number, start: number, end: number): Buffer[] {
    if (fromSize === end) return start === 0 ? [] : [this.#rangeHash(start, end)];
    const middle = start + splitPoint(end - start);
    if (fromSize <= middle) return [...this.#consistencyPath(fromSize, start, middle), this.#rangeHash(middle, end)];
    return [...this.#consistencyPath(fromSize, middle, end), this.#rangeHash(start, middle)];
  }

  /** MTH(D[start:end]); `start` is always a multiple of the largest power of two below the length. */
  #rangeHash(start: number, end: number): Buffer {
    const length = end - start;
    const height = Math.floor(Math.log2(length));
    const complete = length === 2 ** height ? this.#level(height)[start / length] : undefined;
    if (complete !== undefined) return complete;
    const middle = start + splitPoint(length);
    return hashNode(this.#rangeHash(start, middle), this.#rangeHash(middle, end));
  }

  #level(height: number): Buffer[] {
    return (this.#levels[height] ??= []);
  }

  #requireSize(size: number): void {
    if (!Number.isInteger(size) || size < 0 || size > this.size) throw new RangeError(`no tree of ${size} leaves`);
  }
}

/** Whether a proof leads from a leaf to a root (RFC 9162, 2.1.3.2). */
export function verifyInclusionProof(proof: InclusionProof, leafHash: Buffer, root: Buffer): boolean {
  if (!isSize(proof.index) || !isSize(proof.size) || proof.index >= proof.size) return false;
  let [position, last, hash] = [proof.index, proof.size - 1, leafHash];
  for (const sibling of proof.hashes) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      hash = hashNode(sibling, hash);
      while (position % 2 === 0 && position !== 0) [position, last] = [half(position), half(last)];
    } else {
      hash = hashNode(hash, sibling);
    }
    [position, last] = [half(position), half(last)];
  }
  return last === 0 && hash.equals(root);
}

/** Whether a proof shows the tree under `fromRoot` to be the beginning of the one under `toRoot` (RFC 9162, 2.1.4.2). */
export function verifyConsistencyProof(proof: ConsistencyProof, fromRoot: Buffer, toRoot: Buffer): boolean {
  const { fromSize, toSize } = proof;
  if (!isSize(fromSize) || !isSize(toSize) || fromSize > toSize) return false;
  if (fromSize === toSize) return proof.hashes.length === 0 && fromRoot.equals(toRoot);
  if (fromSize === 0) return proof.hashes.length === 0 && fromRoot.equals(createHash("sha256").digest());
  const [first, ...path] = isPowerOfTwo(fromSize) ? [fromRoot, ...proof.hashes] : proof.hashes;
  if (first === undefined) return false;
  return followConsistencyPath({ fromSize, toSize, hashes: path }, first, { fromRoot, toRoot });
}

function followConsistencyPath(
  { fromSize, toSize, hashes }: ConsistencyProof,
  first: Buffer,
  { fromRoot, toRoot }: { fromRoot: Buffer; toRoot: Buffer },
): boolean {
  let [position, last, from, to] = [fromSize - 1, toSize - 1, first, first];
  while (position % 2 === 1) [position, last] = [half(position), half(last)];
  for (const sibling of hashes) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      [from, to] = [hashNode(sibling, from), hashNode(sibling, to)];
      while (position % 2 === 0 && position !== 0) [position, last] = [half(position), half(last)];
    } else {
      to = hashNode(to, sibling);
    }
    [position, last] = [half(position), half(last)];
  }
  return last === 0 && from.equals(fromRoot) && to.equals(toRoot);
}

/** The largest power of two below a length of two or more. */
function splitPoint(length: number): number {
  return 2 ** Math.floor(Math.log2(length - 1));
}

function half(value: number): number {
  return Math.floor(value / 2);
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(Math.log2(value));
}
