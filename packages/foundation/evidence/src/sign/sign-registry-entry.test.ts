import { createHash, generateKeyPairSync, sign, verify } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  createKeySigner,
  createSigningKey,
  createTrustedKey,
  exportTrust,
  signRegistryEntry,
  toRegistryKey,
  verifyRegistryEntry,
} from "@hxp/evidence";
import { refusal } from "../testing/test-world.ts";

const key = createSigningKey();
const integrity = `sha512-${createHash("sha512").update("tarball").digest("base64")}`;
const entry = { name: "@demo/core", version: "1.0.0", integrity };
const start = new Date(1_000_000);
const end = new Date(2_000_000);
const trust = exportTrust({ keys: [createTrustedKey(key.publicKey, { name: "release", start, end })] });
const signedAt = new Date(1_500_000);

describe("a registry signature", () => {
  test("is over name@version:integrity, under the key id that registries serve", async () => {
    const { keyid, sig } = await signRegistryEntry(entry, createKeySigner(key));
    const payload = Buffer.from(`@demo/core@1.0.0:${integrity}`);
    expect(verify("sha256", payload, key.publicKey, Buffer.from(sig, "base64"))).toBe(true);
    const served = toRegistryKey(key.publicKey);
    const der = Buffer.from(served.key, "base64");
    expect(served).toMatchObject({ expires: null, keytype: "ecdsa-sha2-nistp256", scheme: "ecdsa-sha2-nistp256" });
    expect(keyid).toBe(served.keyid);
    expect(keyid).toBe(`SHA256:${createHash("sha256").update(der).digest("base64").replace("=", "")}`);
    expect(toRegistryKey(key.pem, end).expires).toBe(end.toISOString());
  });

  test("verifies against the trust, by key name", async () => {
    const signatures = [await signRegistryEntry(entry, createKeySigner(key))];
    expect(verifyRegistryEntry({ ...entry, signatures }, { trust, signedAt })).toEqual({ name: "release" });
  });

  test("verifies beside one by a key that nobody here knows", async () => {
    const signatures = [{ keyid: "SHA256:unknown", sig: "AA==" }, await signRegistryEntry(entry, createKeySigner(key))];
    expect(verifyRegistryEntry({ ...entry, signatures }, { trust, signedAt })).toEqual({ name: "release" });
  });

  test("is refused over another version, by an unknown key, out of time, and where there is none", async () => {
    const signatures = [await signRegistryEntry(entry, createKeySigner(key))];
    const check =
      (change: object, options: object = {}) =>
      () =>
        verifyRegistryEntry({ ...entry, signatures, ...change }, { trust, signedAt, ...options });
    expect(check({ version: "1.0.1" })).toThrow(refusal("SIGNATURE_REFUSED"));
    expect(check({ signatures: [] })).toThrow(refusal("KEY_NOT_TRUSTED"));
    expect(check({}, { signedAt: new Date(2_001_000) })).toThrow(refusal("KEY_NOT_VALID"));
    expect(check({}, { signedAt: new Date(999_000) })).toThrow(refusal("KEY_NOT_VALID"));
    const statementsOnly = exportTrust({ keys: trust.keys.map((known) => ({ ...known, purposes: ["statement"] })) });
    expect(check({}, { trust: statementsOnly })).toThrow(refusal("KEY_NOT_TRUSTED"));
  });

  test("needs an integrity in SHA-512, a key of its own, and P-256", async () => {
    const signer = createKeySigner(key);
    await expect(signRegistryEntry({ ...entry, integrity: "sha1-AA==" }, signer)).rejects.toEqual(
      refusal("USAGE_INVALID"),
    );
    const certificate = { $case: "x509Certificate" as const, certificate: "" };
    const keyless = {
      sign: async (data: Buffer) => ({ signature: sign("sha256", data, key.privateKey), key: certificate }),
    };
    await expect(signRegistryEntry(entry, keyless)).rejects.toEqual(refusal("USAGE_INVALID"));
    expect(() => toRegistryKey(generateKeyPairSync("ed25519").publicKey)).toThrow(refusal("USAGE_INVALID"));
    expect(() => toRegistryKey("no key")).toThrow(refusal("KEY_FILE_INVALID"));
  });
});
