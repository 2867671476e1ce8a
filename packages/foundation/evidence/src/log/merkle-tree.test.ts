import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hashLeaf, hashNode, MerkleTree, verifyConsistencyProof, verifyInclusionProof } from "@hxp/evidence";

const largest = 70;
const leaves = Array.from({ length: largest }, (_, index) => hashLeaf(Buffer.from(`leaf ${index}`)));
const tree = new MerkleTree();
leaves.forEach((leaf) => tree.append(leaf));

/** MTH(D[n]) as RFC 9162, 2.1.1 writes it down. */
function rootByDefinition(hashes: readonly Buffer[]): Buffer {
  const [only] = hashes;
  if (only === undefined) return createHash("sha256").digest();
  if (hashes.length === 1) return only;
  let split = 1;
  while (split * 2 < hashes.length) split *= 2;
  return hashNode(rootByDefinition(hashes.slice(0, split)), rootByDefinition(hashes.slice(split)));
}

function flipBit(hash: Buffer, bit: number): Buffer {
  const copy = Buffer.from(hash);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

const sizes = Array.from({ length: largest + 1 }, (_, size) => size);

describe("a Merkle tree", () => {
  test("has the roots of the reference test vectors of RFC 6962", () => {
    const inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    const vectors = new MerkleTree();
    inputs.forEach((input) => vectors.append(hashLeaf(Buffer.from(input, "hex"))));
    expect(vectors.root(0).toString("hex")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect(vectors.root(1).toString("hex")).toBe("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    expect(vectors.root(3).toString("hex")).toBe("aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77");
    expect(vectors.root(8).toString("hex")).toBe("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
  });

  test("has, at each size, the root that the definition gives", () => {
    for (const size of sizes) expect(tree.root(size)).toEqual(rootByDefinition(leaves.slice(0, size)));
  });

  test("proves every leaf of every size up to 70, and each proof verifies", () => {
    for (const size of sizes) {
      for (let index = 0; index < size; index += 1) {
        const proof = tree.proveInclusion(index, size);
        expect(verifyInclusionProof(proof, leaves[index]!, tree.root(size))).toBe(true);
      }
    }
  });

  test("proves every size up to 70 to begin with every smaller one, and each proof verifies", () => {
    for (const toSize of sizes) {
      for (let fromSize = 0; fromSize <= toSize; fromSize += 1) {
        const proof = tree.proveConsistency(fromSize, toSize);
        expect(verifyConsistencyProof(proof, tree.root(fromSize), tree.root(toSize))).toBe(true);
      }
    }
  });

  test.each([
    () => tree.root(71),
    () => tree.root(-1),
    () => tree.root(1.5),
    () => tree.proveInclusion(3, 3),
    () => tree.proveInclusion(-1),
    () => tree.proveConsistency(5, 4),
    () => tree.proveConsistency(5, 71),
  ])("refuses to prove what it has not: %s", (ask) => {
    expect(ask).toThrow(RangeError);
  });
});

describe("a changed inclusion proof does not verify", () => {
  const place = fc
    .integer({ min: 2, max: largest })
    .chain((size) => fc.tuple(fc.constant(size), fc.integer({ min: 0, max: size - 1 }), fc.nat(), fc.nat(255)));

  test("with a bit of a hash, of the leaf or of the root flipped", () => {
    fc.assert(
      fc.property(place, ([size, index, which, bit]) => {
        const proof = tree.proveInclusion(index, size);
        const at = which % proof.hashes.length;
        const hashes = proof.hashes.map((hash, position) => (position === at ? flipBit(hash, bit) : hash));
        const [leaf, root] = [leaves[index]!, tree.root(size)];
        expect(verifyInclusionProof({ ...proof, hashes }, leaf, root)).toBe(false);
        expect(verifyInclusionProof(proof, flipBit(leaf, bit), root)).toBe(false);
        expect(verifyInclusionProof(proof, leaf, flipBit(root, bit))).toBe(false);
      }),
    );
  });

  test("with a hash too few, a hash too many, or for another place", () => {
    fc.assert(
      fc.property(place, ([size, index, other]) => {
        const proof = tree.proveInclusion(index, size);
        const verify = (change: Partial<typeof proof>): boolean =>
          verifyInclusionProof({ ...proof, ...change }, leaves[index]!, tree.root(size));
        expect(verify({ hashes: proof.hashes.slice(1) })).toBe(false);
        expect(verify({ hashes: proof.hashes.slice(0, -1) })).toBe(false);
        expect(verify({ hashes: [...proof.hashes, proof.hashes[0]!] })).toBe(false);
        expect(verify({ index: (index + 1 + (other % (size - 1))) % size })).toBe(false);
        expect(verify({ index: size })).toBe(false);
        expect(verify({ index: -1 })).toBe(false);
        expect(verify({ index: index + 0.5 })).toBe(false);
      }),
    );
  });
});

describe("a changed consistency proof does not verify", () => {
  const span = fc
    .integer({ min: 2, max: largest })
    .chain((toSize) => fc.tuple(fc.constant(toSize), fc.integer({ min: 1, max: toSize - 1 }), fc.nat(), fc.nat(255)));

  test("with a bit of a hash or of a root flipped, or a hash too few or too many", () => {
    fc.assert(
      fc.property(span, ([toSize, fromSize, which, bit]) => {
        const proof = tree.proveConsistency(fromSize, toSize);
        const [from, to] = [tree.root(fromSize), tree.root(toSize)];
        const at = which % proof.hashes.length;
        const hashes = proof.hashes.map((hash, position) => (position === at ? flipBit(hash, bit) : hash));
        expect(verifyConsistencyProof({ ...proof, hashes }, from, to)).toBe(false);
        expect(verifyConsistencyProof(proof, flipBit(from, bit), to)).toBe(false);
        expect(verifyConsistencyProof(proof, from, flipBit(to, bit))).toBe(false);
        expect(verifyConsistencyProof({ ...proof, hashes: proof.hashes.slice(0, -1) }, from, to)).toBe(false);
        expect(verifyConsistencyProof({ ...proof, hashes: [...proof.hashes, from] }, from, to)).toBe(false);
      }),
    );
  });

  test("for the log that has another entry in an earlier place", () => {
    fc.assert(
      fc.property(span, ([toSize, fromSize, which]) => {
        const forked = new MerkleTree();
        const changed = which % fromSize;
        leaves.forEach((leaf, index) => forked.append(index === changed ? hashLeaf(Buffer.from("other")) : leaf));
        const proof = forked.proveConsistency(fromSize, toSize);
        expect(verifyConsistencyProof(proof, tree.root(fromSize), forked.root(toSize))).toBe(false);
      }),
    );
  });

  test("where there is nothing to prove but the roots differ, or hashes come along", () => {
    const [root, other] = [tree.root(5), tree.root(6)];
    expect(verifyConsistencyProof({ fromSize: 5, toSize: 5, hashes: [] }, root, other)).toBe(false);
    expect(verifyConsistencyProof({ fromSize: 5, toSize: 5, hashes: [root] }, root, root)).toBe(false);
    expect(verifyConsistencyProof({ fromSize: 0, toSize: 5, hashes: [] }, other, root)).toBe(false);
    expect(verifyConsistencyProof({ fromSize: 6, toSize: 5, hashes: [root] }, other, root)).toBe(false);
    expect(verifyConsistencyProof({ fromSize: 3, toSize: 5, hashes: [] }, root, root)).toBe(false);
  });
});
