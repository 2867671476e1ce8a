import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Socket } from "node:net";
import { bundleFromJSON, bundleToJSON } from "@sigstore/bundle";
import { PublicKeyDetails, TrustedRoot } from "@sigstore/protobuf-specs";
import { DSSEBundleBuilder, RekorWitness, TSAWitness } from "@sigstore/sign";
import { toSignedEntity, toTrustMaterial, Verifier } from "@sigstore/verify";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import {
  createKeylessSigner,
  createKeySigner,
  exportTrust,
  serializeStatement,
  signStatement,
  statementPayloadType,
  type Trust,
  verifyStatement,
  type VerifyStatementOptions,
} from "@hxp/evidence";
import { createIdentityToken, type LocalSigstore, startLocalSigstore } from "../testing/start-local-sigstore.ts";
import {
  bytes,
  createTestStatement,
  createTestWorld,
  epoch,
  origin,
  refusal,
  tamper,
  type TestWorld,
} from "../testing/test-world.ts";

const issuer = "https://ci.example.test";
const subject = "https://ci.example.test/acme/release.yml@refs/heads/main";
const require = createRequire(import.meta.url);
let sigstore: LocalSigstore;
let world: TestWorld;

beforeAll(async () => {
  sigstore = await startLocalSigstore();
});
afterAll(() => sigstore[Symbol.asyncDispose]());
beforeEach(() => {
  world = createTestWorld();
  world.clock.now = Date.now();
});
afterEach(() => world[Symbol.dispose]());

/** These tests are about signatures and logs, whatever the statement says. */
const verifyAny = (bundle: Parameters<typeof verifyStatement>[0], options: Partial<VerifyStatementOptions>) =>
  verifyStatement(bundle, { trust: world.trust, subjects: "any", predicateType: "any", ...options });
const now = (): Date => new Date(world.clock.now);
const withSigstore = (keys = world.trust.keys): Trust =>
  exportTrust({ base: sigstore.trustedRoot, logs: [{ origin, publicKey: world.logKey.publicKey }], keys });
const keyless = (fulcioUrl = sigstore.url) =>
  createKeylessSigner({
    fulcioUrl,
    identityProvider: { getToken: async () => createIdentityToken({ iss: issuer, sub: subject }) },
    retries: 0,
  });

/** The stock verifier as its caller would use it for keys alone: no log, no timestamps. */
function verifyWithStock(bundle: unknown, trust: Trust, thresholds: number): void {
  const { hint, publicKey, validFor } = trust.keys[0]!;
  const { start, end } = validFor;
  const range = { start: new Date(start), end: end === undefined ? undefined : new Date(end) };
  const key = {
    rawBytes: Buffer.from(publicKey, "base64"),
    keyDetails: PublicKeyDetails.PKIX_ECDSA_P256_SHA_256,
    validFor: range,
  };
  const material = toTrustMaterial(TrustedRoot.fromJSON(trust.trustedRoot), { [hint]: key });
  const options = { tlogThreshold: thresholds, timestampThreshold: thresholds, ctlogThreshold: 0 };
  new Verifier(material, options).verify(toSignedEntity(bundleFromJSON(bundle), Buffer.from("other bytes")));
}

describe("traps of the libraries underneath", () => {
  test("1: sigstore.verify always asks TUF on the network; ours opens no connection and depends on neither", async () => {
    const bundle = await world.sign();
    vi.spyOn(Socket.prototype, "connect").mockImplementation(() => {
      throw new Error("verification opened a connection");
    });
    expect(verifyAny(bundle, { trust: world.trust, now: now() }).logIndex).toBe(0);
    const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
      dependencies: Record<string, string>;
    };
    expect(Object.keys(manifest.dependencies)).not.toEqual(expect.arrayContaining(["sigstore"]));
    expect(Object.keys(manifest.dependencies)).not.toEqual(expect.arrayContaining(["@sigstore/tuf"]));
  });

  test("2: the stock verifier takes an expired key where no timestamp is asked for; ours always asks", async () => {
    const validFor = { start: new Date(0).toISOString(), end: new Date(epoch).toISOString() };
    const expired = world.trustWith({ validFor });
    const bare = tamper(await world.sign(), ({ verificationMaterial: material }) => (material.tlogEntries = []));
    expect(() => verifyWithStock(bare, expired, 0)).not.toThrow();
    expect(() => verifyAny(bare, { trust: expired, now: now() })).toThrow(refusal("LOG_ENTRY_REFUSED"));
    const logged = await world.sign();
    expect(() => verifyAny(logged, { trust: expired, now: now() })).toThrow(refusal("KEY_NOT_VALID"));
  });

  test("2: signing without a witness is refused before it happens", async () => {
    const signing = signStatement(createTestStatement(), { signer: createKeySigner(world.key), witnesses: [] });
    await expect(signing).rejects.toEqual(refusal("USAGE_INVALID"));
  });

  test("3: the stock verifier does not look at the bytes of a DSSE bundle; ours compares their digest", async () => {
    const bundle = await world.sign();
    expect(() => verifyWithStock(bundle, world.trust, 1)).not.toThrow();
    const verify = (content: Uint8Array) =>
      verifyAny(bundle, { trust: world.trust, now: now(), subjects: [{ bytes: content }] });
    expect(() => verify(Buffer.from("other bytes"))).toThrow(refusal("DIGEST_MISMATCH"));
    expect(verify(bytes).logIndex).toBe(0);
  });

  test("4: message signatures know SHA-256 only; ours are DSSE, and a message signature is refused", async () => {
    const bundle = await world.sign();
    expect(Object.keys(bundle)).toContain("dsseEnvelope");
    const message = tamper(bundle, (copy) => {
      const messageSignature = { messageDigest: { algorithm: "SHA2_256", digest: "AA==" }, signature: "AA==" };
      Object.assign(copy, { dsseEnvelope: undefined, messageSignature });
    });
    expect(() => verifyAny(message, { trust: world.trust })).toThrow(refusal("BUNDLE_INVALID"));
  });

  test("5: @sigstore/mock breaks node:http where it is imported; here it runs in another process", async () => {
    const loaded = Object.keys(require.cache).filter((path) => /node_modules\/(nock|@sigstore\/mock)\//.test(path));
    expect(loaded).toEqual([]);
    expect((await fetch(sigstore.url)).status).toBe(404);
  });

  test("6: the local Rekor repeats the proposed entry, which is refused; our log writes the canonical one", async () => {
    const rekor = new RekorWitness({ rekorBaseURL: sigstore.url, entryType: "dsse", retry: 0 });
    const signer = createKeySigner(world.key);
    const echoed = await signStatement(createTestStatement(), { signer, witnesses: [rekor] });
    const trust = withSigstore();
    expect(() => verifyAny(echoed, { trust })).toThrow(/signature count mismatch/);
    expect(verifyAny(await world.sign(), { trust, now: now() }).logIndex).toBe(0);
  });

  test("6: an entry of the older kind passes the stock verifier, whatever key it names; ours takes dsse 0.0.1 only", async () => {
    const rekor = new RekorWitness({ rekorBaseURL: sigstore.url, entryType: "intoto", retry: 0 });
    const bundle = await signStatement(createTestStatement(), {
      signer: createKeySigner(world.key),
      witnesses: [rekor, world.log],
    });
    const trust = withSigstore();
    expect(() => verifyWithStock(bundle, trust, 1)).not.toThrow();
    expect(() => verifyAny(bundle, { trust, now: now() })).toThrow(/of the kind intoto 0\.0\.2/);
  });

  test("7: a timestamp with a fraction that ends in zero cannot be parsed, and is a clear refusal", async () => {
    const signer = createKeySigner(world.key);
    const stamp = (kind: string) => {
      const authority = new TSAWitness({ tsaBaseURL: `${sigstore.url}/${kind}/api/v1/timestamp`, retry: 0 });
      return signStatement(createTestStatement(), { signer, witnesses: [world.log, authority] });
    };
    const [whole, fraction] = [await stamp("whole"), await stamp("fraction")];
    const start = new Date(0).toISOString();
    const trust = withSigstore([{ ...world.trust.keys[0]!, validFor: { start } }]);
    expect(verifyAny(whole, { trust, now: now() }).logIndex).toBe(0);
    expect(() => verifyAny(fraction, { trust, now: now() })).toThrow(
      expect.objectContaining({ code: "BUNDLE_INVALID", message: expect.stringContaining("invalid time") }),
    );
  });

  test("8: an authority may certify anyone, so a certificate is nothing without an identity policy", async () => {
    const witnesses = [world.log];
    const bundle = await signStatement(createTestStatement(), { signer: keyless(), witnesses });
    const verify = (identity?: { subject: string | RegExp; issuer: string }) =>
      verifyAny(bundle, { trust: withSigstore(), now: now(), ...(identity && { identity }) });
    expect(verify({ subject, issuer }).signedBy).toEqual({ kind: "certificate", subject, issuer });
    expect(verify({ subject: /https:\/\/ci\.example\.test\/acme\/.*/, issuer }).logIndex).toBe(0);
    expect(() => verify()).toThrow(refusal("IDENTITY_REFUSED"));
    expect(() => verify({ subject, issuer: "https://evil.example.test" })).toThrow(refusal("IDENTITY_REFUSED"));
    expect(() => verify({ subject: `${subject}/x`, issuer })).toThrow(refusal("IDENTITY_REFUSED"));
  });

  test("11: the packages underneath run on fewer versions of Node than their users think, and ours says so", () => {
    const enginesOf = (path: string): string =>
      (JSON.parse(readFileSync(path, "utf8")) as { engines: { node: string } }).engines.node.replaceAll(".0", "");
    const ours = enginesOf(new URL("../../package.json", import.meta.url).pathname);
    for (const name of ["bundle", "sign", "verify"]) {
      const theirs = require.resolve(`@sigstore/${name}`).replace(/\/dist\/.*/, "/package.json");
      expect(enginesOf(theirs)).toBe(ours);
    }
  });

  test("the stock policy takes a subject for an unanchored pattern; ours compares the whole", async () => {
    const bundle = await signStatement(createTestStatement(), { signer: keyless(), witnesses: [world.log] });
    const material = toTrustMaterial(TrustedRoot.fromJSON(withSigstore().trustedRoot));
    const stock = () =>
      new Verifier(material).verify(toSignedEntity(bundleFromJSON(bundle)), { subjectAlternativeName: "example" });
    expect(stock).not.toThrow();
    const verify = (part: string | RegExp) =>
      verifyAny(bundle, { trust: withSigstore(), now: now(), identity: { subject: part, issuer } });
    expect(() => verify("example")).toThrow(refusal("IDENTITY_REFUSED"));
    expect(() => verify(/example/)).toThrow(refusal("IDENTITY_REFUSED"));
  });
});

describe("the stock verifier", () => {
  test("verifies our bundles with our trusted_root.json and every threshold at its default", async () => {
    const signer = keyless();
    const builder = new DSSEBundleBuilder({ signer, witnesses: [world.log] });
    const artifact = { data: serializeStatement(createTestStatement()), type: statementPayloadType };
    const bundle = bundleToJSON(await builder.create(artifact));
    const material = toTrustMaterial(TrustedRoot.fromJSON(withSigstore().trustedRoot));
    expect(() => new Verifier(material).verify(toSignedEntity(bundleFromJSON(bundle)))).not.toThrow();
  });
});

describe("a keyless signature", () => {
  const verify = async (trust: Trust, edit: Parameters<typeof tamper>[1] = () => undefined) => {
    const bundle = await signStatement(createTestStatement(), { signer: keyless(), witnesses: [world.log] });
    return verifyAny(tamper(bundle, edit), { trust, now: now(), identity: { subject, issuer } });
  };

  test("is refused where the trust does not hold the authority", async () => {
    await expect(verify(world.trust)).rejects.toEqual(refusal("CERTIFICATE_REFUSED"));
  });

  test("is refused where the trust holds another CT log than the one that saw the certificate", async () => {
    const trust = withSigstore();
    const ctlogs = trust.trustedRoot.ctlogs!.map((log) => ({ ...log, logId: { keyId: "AAAA" } }));
    const changed = exportTrust({ base: { ...trust.trustedRoot, ctlogs } });
    await expect(verify(changed)).rejects.toEqual(refusal("CERTIFICATE_REFUSED"));
  });

  test("is refused where no CT log has seen the certificate and the trust holds one", async () => {
    const signer = keyless(`${sigstore.url}/unlogged`);
    const bundle = await signStatement(createTestStatement(), { signer, witnesses: [world.log] });
    const identity = { subject, issuer };
    expect(() => verifyAny(bundle, { trust: withSigstore(), now: now(), identity })).toThrow(/expected 1 SCTs, got 0/);
    const base = { ...sigstore.trustedRoot, ctlogs: [] };
    const trust = exportTrust({ base, logs: [{ origin, publicKey: world.logKey.publicKey }] });
    expect(verifyAny(bundle, { trust, now: now(), identity }).logIndex).toBe(0);
  });

  test("is refused where it was logged after the certificate had expired", async () => {
    world.clock.now += 3_600_000;
    await expect(verify(withSigstore())).rejects.toEqual(refusal("CERTIFICATE_REFUSED"));
  });

  test("is refused for a policy that asks for a key", async () => {
    const bundle = await signStatement(createTestStatement(), { signer: keyless(), witnesses: [world.log] });
    const verification = () => verifyAny(bundle, { trust: withSigstore(), now: now(), identity: { key: "release" } });
    expect(verification).toThrow(refusal("IDENTITY_REFUSED"));
  });
});
