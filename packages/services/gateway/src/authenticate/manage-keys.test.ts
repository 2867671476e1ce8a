import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { keyRecord } from "@hxp/schema-storage";
import { createPepper, hashSecret } from "./hash-secret.ts";
import { createKey, makeKey, revokeKey, rotateKey } from "./manage-keys.ts";
import { parseAuthorization, parseKey } from "./parse-key.ts";
import { toKeyEntry, verifyKey } from "./verify-key.ts";

const pepper = createPepper("p".repeat(32));
const now = Date.parse("2026-01-01T00:00:00.000Z");
const clock = (): number => now;
const request = { name: "n", owner: "o" };

function secretOf(key: string): string {
  return parseKey(key)?.secret ?? "";
}

describe("makeKey", () => {
  test("gives keys of one form, each once", () => {
    const keys = Array.from({ length: 200 }, () => makeKey());
    for (const key of keys) expect(key).toMatch(/^hxp_[0-9a-z]{16}_[A-Za-z0-9_-]{43}$/);
    expect(new Set(keys.map((key) => key.slice(4, 20))).size).toBe(200);
  });
});

describe("createKey", () => {
  test("gives the key once and keeps only its hash under the pepper", () => {
    const { key, record } = createKey(request, { pepper, clock });
    const expected = createHmac("sha256", "p".repeat(32)).update(secretOf(key)).digest("hex");
    expect(keyRecord.parse({ ...record, revision: 1 })).toMatchObject({ hash: expected, admin: false, limits: {} });
    expect(JSON.stringify(record)).not.toContain(secretOf(key));
    expect(record.createdAt).toBe("2026-01-01T00:00:00.000Z");
  });

  test("refuses a key of another form, and a pepper that could be guessed", () => {
    const invalid = expect.objectContaining({ code: "USAGE_INVALID" });
    expect(() => createKey(request, { pepper, key: "sk-123" })).toThrow(invalid);
    expect(() => createPepper("short")).toThrow(invalid);
  });
});

describe("rotateKey", () => {
  test("takes the old secret until the overlap has passed, and the new one at once", () => {
    const made = createKey(request, { pepper, clock });
    const rotated = rotateKey({ ...made.record, revision: 1 }, { pepper, clock, overlapMs: 60_000 });
    const entry = toKeyEntry(rotated.record);
    const verify = (key: string, at: number) => verifyKey(entry, hashSecret(pepper, secretOf(key)), at);
    expect(rotated.key.slice(0, 21)).toBe(made.key.slice(0, 21));
    expect(verify(rotated.key, now)).toBeUndefined();
    expect(verify(made.key, now + 59_999)).toBeUndefined();
    expect(verify(made.key, now + 60_000)).toBe("wrong-secret");
    expect(keyRecord.safeParse(rotated.record).success).toBe(true);
  });

  test("forgets the secret before the last one, and the last one where there is no overlap", () => {
    const made = createKey(request, { pepper, clock });
    const once = rotateKey({ ...made.record, revision: 1 }, { pepper, clock, overlapMs: 60_000 });
    const twice = rotateKey(once.record, { pepper, clock, overlapMs: 60_000 });
    const atOnce = rotateKey(twice.record, { pepper, clock, overlapMs: 0 });
    const verify = (record: typeof once.record, key: string) =>
      verifyKey(toKeyEntry(record), hashSecret(pepper, secretOf(key)), now);
    expect(verify(twice.record, made.key)).toBe("wrong-secret");
    expect(verify(twice.record, once.key)).toBeUndefined();
    expect(verify(atOnce.record, twice.key)).toBe("wrong-secret");
    expect(atOnce.record).not.toHaveProperty("previousHash");
  });

  test("does not bring a revoked key back", () => {
    const { record } = createKey(request, { pepper, clock });
    const revoked = revokeKey({ ...record, revision: 1 }, { clock });
    expect(() => rotateKey(revoked, { pepper, overlapMs: 0 })).toThrow(
      expect.objectContaining({ code: "STORAGE_CONFLICT" }),
    );
  });
});

describe("verifyKey", () => {
  const { key, record } = createKey({ ...request, expiresAt: "2026-01-02T00:00:00.000Z" }, { pepper, clock });
  const entry = toKeyEntry({ ...record, revision: 1 });
  const right = hashSecret(pepper, secretOf(key));

  test("says why a key is not taken, and nothing of an unknown one but that", () => {
    expect(verifyKey(entry, right, now)).toBeUndefined();
    expect(verifyKey(entry, hashSecret(pepper, "x"), now)).toBe("wrong-secret");
    expect(verifyKey(entry, right, Date.parse("2026-01-02T00:00:00.000Z"))).toBe("expired");
    expect(verifyKey(undefined, right, now)).toBe("unknown");
    expect(verifyKey(undefined, Buffer.alloc(32), now)).toBe("unknown");
    expect(verifyKey(toKeyEntry(revokeKey(entry.record, { clock })), right, now)).toBe("revoked");
  });

  test("does not take zeros for the secret of a key that was never rotated", () => {
    expect(verifyKey(entry, Buffer.alloc(32), now)).toBe("wrong-secret");
  });

  test("does not take a secret that was hashed under another pepper", () => {
    expect(verifyKey(entry, hashSecret(createPepper("q".repeat(32)), secretOf(key)), now)).toBe("wrong-secret");
  });
});

test("an authorization header is read in one form", () => {
  const key = makeKey();
  for (const header of [`Bearer ${key}`, `bearer ${key}`, `BEARER  ${key}`]) {
    expect(parseAuthorization(header)?.id).toBe(key.slice(4, 20));
  }
  for (const header of ["", key, `Basic ${key}`, `Bearer ${key}x`, `Bearer ${key.toUpperCase()}`, `Bearer${key}`]) {
    expect(parseAuthorization(header)).toBeUndefined();
  }
});
