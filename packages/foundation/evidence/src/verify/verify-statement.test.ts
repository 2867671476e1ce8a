import { generateKeyPairSync, sign } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  createKeySigner,
  createSigningKey,
  createTrustedKey,
  digestBytes,
  exportTrust,
  hashLeaf,
  identifyPublicKey,
  provenancePredicate,
  rotateKey,
  sbomPredicate,
  signStatement,
  type SerializedBundle,
  type VerifyStatementOptions,
  verifyStatement,
} from "@hxp/evidence";
import {
  bytes,
  createTestStatement,
  createTestWorld,
  epoch,
  origin,
  refusal,
  tamper,
  type TamperedBundle,
  type TestWorld,
} from "../testing/test-world.ts";

const name = "pkg:npm/%40demo/core@1.0.0";
let world: TestWorld;
beforeEach(() => {
  world = createTestWorld();
});
afterEach(() => world[Symbol.dispose]());

const verify = (bundle: SerializedBundle | string, options: Partial<VerifyStatementOptions> = {}) =>
  verifyStatement(bundle, {
    trust: world.trust,
    subjects: "any",
    predicateType: "any",
    now: new Date(world.clock.now),
    ...options,
  });

describe("a bundle of ours", () => {
  test("verifies, and says what was signed, by whom and when", async () => {
    world.clock.now = epoch + 5_900;
    const statement = createTestStatement();
    const result = verify(await world.sign(statement), {
      subjects: [{ name, bytes }],
      predicateType: provenancePredicate.type,
      identity: { key: "release" },
    });
    expect(result.statement).toEqual(statement);
    expect(result.signedBy).toEqual({ kind: "key", name: "release", hint: world.key.hint });
    expect(result.loggedAt).toEqual(new Date(epoch + 5_000));
    expect(result.logIndex).toBe(0);
  });

  test("verifies from its JSON text", async () => {
    expect(verify(JSON.stringify(await world.sign())).logIndex).toBe(0);
  });

  test("verifies long after, when the key has ended in good order", async () => {
    const bundle = await world.sign();
    const trust = rotateKey(world.trust, {
      name: "release",
      publicKey: createSigningKey().publicKey,
      at: new Date(epoch + 1_000),
    });
    expect(verify(bundle, { trust, now: new Date(epoch + 1e12) }).logIndex).toBe(0);
  });

  test("of an Ed25519 key held elsewhere verifies through the one-method seam", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const { hint, pem } = identifyPublicKey(publicKey);
    const signer = {
      sign: async (data: Buffer) => ({
        signature: sign(undefined, data, privateKey),
        key: { $case: "publicKey" as const, publicKey: pem, hint },
      }),
    };
    const bundle = await signStatement(createTestStatement(), { signer, witnesses: [world.log] });
    const key = createTrustedKey(publicKey, { name: "hardware", start: new Date(epoch) });
    const trust = exportTrust({ logs: [{ origin, publicKey: world.logKey.publicKey }], keys: [key] });
    expect(verify(bundle, { trust }).signedBy).toMatchObject({ name: "hardware" });
  });
});

describe("a key", () => {
  test("that the trust does not hold is refused", async () => {
    const bundle = await world.sign(createTestStatement(), createSigningKey());
    expect(() => verify(bundle)).toThrow(refusal("KEY_NOT_TRUSTED"));
  });

  test("that may sign registry entries only is refused for a statement", async () => {
    const bundle = await world.sign();
    expect(() => verify(bundle, { trust: world.trustWith({ purposes: ["registry"] }) })).toThrow(
      refusal("KEY_NOT_TRUSTED"),
    );
  });

  test.each([
    ["before it counted", { start: new Date(epoch + 1_000).toISOString() }],
    ["after it had ended", { start: new Date(0).toISOString(), end: new Date(epoch - 1_000).toISOString() }],
  ])("that signed %s is refused by log time", async (_, validFor) => {
    const bundle = await world.sign();
    expect(() => verify(bundle, { trust: world.trustWith({ validFor }) })).toThrow(refusal("KEY_NOT_VALID"));
  });

  test("counts in the first and the last second of its time", async () => {
    const bundle = await world.sign();
    const second = new Date(epoch).toISOString();
    expect(verify(bundle, { trust: world.trustWith({ validFor: { start: second, end: second } }) }).logIndex).toBe(0);
  });
});

describe("a log entry", () => {
  const change = async (edit: Parameters<typeof tamper>[1]): Promise<SerializedBundle> => {
    await world.sign(createTestStatement("pkg:npm/first@1.0.0"));
    return tamper(await world.sign(), edit);
  };

  test("that is missing is refused", async () => {
    const bundle = await change(({ verificationMaterial: material }) => (material.tlogEntries = []));
    expect(() => verify(bundle)).toThrow(refusal("LOG_ENTRY_REFUSED"));
  });

  test("with a forged inclusion proof is refused", async () => {
    const bundle = await change(({ verificationMaterial: { tlogEntries } }) => {
      tlogEntries[0]!.inclusionProof.hashes[0] = hashLeaf(Buffer.from("x")).toString("base64");
    });
    expect(() => verify(bundle)).toThrow(refusal("LOG_ENTRY_REFUSED"));
  });

  test("of another bundle is refused", async () => {
    const [one, other] = await Promise.all([world.sign(), world.sign(createTestStatement("pkg:npm/other@1.0.0"))]);
    const bundle = tamper(one, (copy) => {
      tamper(other, (from) => (copy.verificationMaterial.tlogEntries = from.verificationMaterial.tlogEntries));
    });
    expect(() => verify(bundle)).toThrow(refusal("LOG_ENTRY_REFUSED"));
  });

  type Entry = TamperedBundle["verificationMaterial"]["tlogEntries"][number];
  const without: [string, (entry: Entry) => void][] = [
    ["signed timestamp", (entry) => delete entry.inclusionPromise],
    ["inclusion proof", (entry) => delete (entry as Partial<Entry>).inclusionProof],
    ["checkpoint", ({ inclusionProof }) => delete (inclusionProof as { checkpoint?: unknown }).checkpoint],
  ];
  const versions = [
    "application/vnd.dev.sigstore.bundle+json;version=0.1",
    "application/vnd.dev.sigstore.bundle+json;version=0.2",
    "application/vnd.dev.sigstore.bundle.v0.3+json",
  ];
  const downgrades = without.flatMap(([what, edit]) => versions.map((version) => ({ what, version, edit })));
  test.each(downgrades)("without its $what is refused in a bundle of $version", async ({ version, edit }) => {
    const bundle = await change((copy) => {
      copy.mediaType = version;
      edit(copy.verificationMaterial.tlogEntries[0]!);
    });
    expect(() => verify(bundle)).toThrow(refusal("BUNDLE_INVALID"));
  });

  test.each(["integratedTime", "logIndex"] as const)("whose %s was changed is refused", async (field) => {
    const bundle = await change(({ verificationMaterial: { tlogEntries } }) => (tlogEntries[0]![field] = "1767225601"));
    expect(() => verify(bundle)).toThrow(refusal("LOG_ENTRY_REFUSED"));
  });

  test("of a log that the trust does not hold is refused", async () => {
    const bundle = await world.sign();
    const logs = [{ origin, publicKey: createSigningKey().publicKey }];
    const trust = exportTrust({ logs, keys: world.trust.keys });
    expect(() => verify(bundle, { trust })).toThrow(refusal("LOG_ENTRY_REFUSED"));
  });

  test("from the future is refused", async () => {
    world.clock.now = epoch + 3_600_000;
    const bundle = await world.sign();
    expect(() => verify(bundle, { now: new Date(epoch) })).toThrow(refusal("LOG_ENTRY_REFUSED"));
  });

  test("in the name of another key is refused, though the signature holds", async () => {
    const other = createSigningKey();
    const honest = createKeySigner(world.key);
    const witness = {
      testify: (content: Parameters<typeof world.log.testify>[0]) => world.log.testify(content, other.pem),
    };
    const bundle = await signStatement(createTestStatement(), { signer: honest, witnesses: [witness] });
    expect(() => verify(bundle)).toThrow(/names another key/);
  });
});

describe("content", () => {
  test("that was tampered with in the envelope is refused", async () => {
    const bundle = tamper(await world.sign(), ({ dsseEnvelope }) => {
      const text = Buffer.from(dsseEnvelope.payload, "base64").toString().replace("main", "evil");
      dsseEnvelope.payload = Buffer.from(text).toString("base64");
    });
    expect(() => verify(bundle)).toThrow(refusal("LOG_ENTRY_REFUSED"));
  });

  test("with a signature by another key under a trusted key's name is refused", async () => {
    const stranger = createSigningKey();
    const forger = {
      sign: async (data: Buffer) => ({
        signature: sign("sha256", data, stranger.privateKey),
        key: { $case: "publicKey" as const, publicKey: world.key.pem, hint: world.key.hint },
      }),
    };
    const bundle = await signStatement(createTestStatement(), { signer: forger, witnesses: [world.log] });
    expect(() => verify(bundle)).toThrow(refusal("SIGNATURE_REFUSED"));
  });

  test("of another predicate type than was asked for is refused", async () => {
    const bundle = await world.sign();
    expect(() => verify(bundle, { predicateType: sbomPredicate.type })).toThrow(refusal("PREDICATE_REFUSED"));
  });

  test("signed by another key name than the policy's is refused", async () => {
    const bundle = await world.sign();
    expect(() => verify(bundle, { identity: { key: "nightly" } })).toThrow(refusal("IDENTITY_REFUSED"));
    expect(() => verify(bundle, { identity: { subject: "release", issuer: "" } })).toThrow(refusal("IDENTITY_REFUSED"));
  });
});

describe("subjects", () => {
  test("have to be asked for", async () => {
    const bundle = await world.sign();
    expect(() => verify(bundle, { subjects: [] })).toThrow(refusal("USAGE_INVALID"));
  });

  const { sha256, sha512 } = digestBytes(bytes);
  test.each([
    ["bytes under another name", { name: "pkg:npm/other@1.0.0", bytes }],
    ["bytes that differ", { name, bytes: Buffer.concat([bytes, Buffer.from("!")]) }],
    ["bytes that differ and have no name", { bytes: Buffer.from("x") }],
    ["a digest that differs in one algorithm", { digest: { sha512, sha256: "0".repeat(64) } }],
    ["a digest of an algorithm that the statement lacks", { digest: { sha1: "0".repeat(40) } }],
    ["no digest at all", { digest: {} }],
  ])("are refused: %s", async (_, subject) => {
    const bundle = await world.sign();
    expect(() => verify(bundle, { subjects: [{ name, bytes }, subject] })).toThrow(refusal("DIGEST_MISMATCH"));
  });

  test.each([{ digest: { sha512 } }, { digest: { sha256 } }, { name, digest: { sha256, sha512 } }, { bytes }])(
    "are found by digest or bytes, with or without a name",
    async (subject) => {
      expect(verify(await world.sign(), { subjects: [subject] }).logIndex).toBe(0);
    },
  );

  test("are refused when only a weak digest would match", async () => {
    const digest = { sha1: "a".repeat(40) };
    const statement = { ...createTestStatement(), subject: [{ name, digest }] };
    const bundle = await world.sign(statement);
    expect(() => verify(bundle, { subjects: [{ name, digest }] })).toThrow(refusal("DIGEST_MISMATCH"));
  });
});

describe("what is not a bundle", () => {
  test.each([
    ["no JSON", "{"],
    ["no object", "[1]"],
    ["an empty object", "{}"],
    ["a log entry that is none", '{"verificationMaterial":{"tlogEntries":[null]}}'],
    ["null", "null"],
  ])("is refused: %s", (_, text) => {
    expect(() => verify(text)).toThrow(refusal("BUNDLE_INVALID"));
  });

  test.each<[string, Parameters<typeof tamper>[1]]>([
    ["another payload type", ({ dsseEnvelope }) => (dsseEnvelope.payloadType = "text/plain")],
    ["two signatures", ({ dsseEnvelope: { signatures } }) => signatures.push(signatures[0]!)],
    [
      "more log entries than anyone needs",
      ({ verificationMaterial: material }) => (material.tlogEntries = Array(9).fill(material.tlogEntries[0])),
    ],
    [
      "a proof longer than any log",
      ({ verificationMaterial: { tlogEntries } }) => (tlogEntries[0]!.inclusionProof.hashes = Array(65).fill("AA==")),
    ],
  ])("is refused: %s", async (_, edit) => {
    const bundle = tamper(await world.sign(), edit);
    expect(() => verify(bundle)).toThrow(refusal("BUNDLE_INVALID"));
  });

  test("with a payload that is signed but no statement is refused", async () => {
    const statement = { ...createTestStatement(), _type: "https://in-toto.io/Statement/v0.1" } as never;
    const bundle = await world.sign(statement);
    expect(() => verify(bundle)).toThrow(refusal("STATEMENT_INVALID"));
  });
});

describe("after a key rotation", () => {
  test("old statements stay valid, and new ones by the old key are refused", async () => {
    const next = createSigningKey();
    const before = await world.sign();
    const at = new Date(epoch + 10_400);
    const trust = rotateKey(world.trust, { name: "release", publicKey: next.publicKey, at });
    world.clock.now = epoch + 11_000;
    const byOld = await world.sign();
    const byNext = await world.sign(createTestStatement(), next);
    expect(verify(before, { trust, identity: { key: "release" } }).logIndex).toBe(0);
    expect(verify(byNext, { trust, identity: { key: "release" } }).logIndex).toBe(2);
    expect(() => verify(byOld, { trust })).toThrow(refusal("KEY_NOT_VALID"));
  });
});
