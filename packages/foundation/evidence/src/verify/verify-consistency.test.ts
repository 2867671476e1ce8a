import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createSigningKey, exportTrust, openCheckpoint, signCheckpoint, verifyConsistency } from "@hxp/evidence";
import { createTestWorld, origin, refusal, type TestWorld } from "../testing/test-world.ts";

let world: TestWorld;
let claim: Parameters<typeof verifyConsistency>[0];
beforeEach(async () => {
  world = createTestWorld();
  await Promise.all([world.sign(), world.sign(), world.sign()]);
  const from = world.log.checkpoint();
  await Promise.all([world.sign(), world.sign()]);
  claim = { from, to: world.log.checkpoint(), proof: world.log.proveConsistency(3) };
});
afterEach(() => world[Symbol.dispose]());

describe("two checkpoints of a log", () => {
  test("are consistent where the log proves that it only grew", () => {
    const { from, to } = verifyConsistency(claim, world.trust);
    expect([from.size, to.size, from.origin, to.origin]).toEqual([3, 5, origin, origin]);
  });

  test("are consistent where they are the same", () => {
    const proof = { fromSize: 5, toSize: 5, hashes: [] };
    expect(verifyConsistency({ from: claim.to, to: claim.to, proof }, world.trust).to.size).toBe(5);
  });

  test("are not where one is of a history that was written anew, though the log's key signed it", () => {
    const from = signCheckpoint({ origin, size: 3, root: Buffer.alloc(32) }, world.logKey);
    expect(() => verifyConsistency({ ...claim, from }, world.trust)).toThrow(refusal("LOG_ENTRY_REFUSED"));
  });

  test("are not with a proof for other sizes, in the wrong order, or without its hashes", () => {
    const check = (change: Partial<typeof claim>) => () => verifyConsistency({ ...claim, ...change }, world.trust);
    expect(check({ proof: world.log.proveConsistency(2) })).toThrow(refusal("LOG_ENTRY_REFUSED"));
    expect(check({ from: claim.to, to: claim.from })).toThrow(refusal("LOG_ENTRY_REFUSED"));
    expect(check({ proof: { ...claim.proof, hashes: [] } })).toThrow(refusal("LOG_ENTRY_REFUSED"));
  });

  test("are not where the log signed a size that is not that of its root", () => {
    const { root } = openCheckpoint(claim.from, { publicKey: world.logKey.publicKey });
    const from = signCheckpoint({ origin, size: 4, root }, world.logKey);
    expect(() => verifyConsistency({ ...claim, from }, world.trust)).toThrow(refusal("LOG_ENTRY_REFUSED"));
  });

  test("are not where the trust holds no such log, or holds it under another key", () => {
    expect(() => verifyConsistency(claim, exportTrust({}))).toThrow(refusal("KEY_NOT_TRUSTED"));
    const other = exportTrust({ logs: [{ origin, publicKey: createSigningKey().publicKey }] });
    expect(() => verifyConsistency(claim, other)).toThrow(refusal("LOG_ENTRY_REFUSED"));
  });

  test("are not where they are of two logs", () => {
    const key = createSigningKey();
    const name = "log.other.internal";
    const to = signCheckpoint({ origin: name, size: 5, root: Buffer.alloc(32) }, key);
    const logs = [
      { origin: name, publicKey: key.publicKey },
      { origin, publicKey: world.logKey.publicKey },
    ];
    expect(() => verifyConsistency({ ...claim, to }, exportTrust({ logs }))).toThrow(/two logs/);
  });
});
