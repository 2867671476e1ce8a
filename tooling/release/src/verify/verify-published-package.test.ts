import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  createKeySigner,
  createSigningKey,
  createStatement,
  createSubject,
  createTrustedKey,
  exportTrust,
  openTransparencyLog,
  provenancePredicate,
  sbomPredicate,
  signRegistryEntry,
  type SigningKey,
  signStatement,
  verificationSummaryPredicate,
} from "@hxp/evidence";
import { verifyPublishedPackage } from "@hxp/evidence/release";
import type { RegistryClient } from "@hxp/release-registry";

const [name, version] = ["@demo/core", "1.0.0"];
const bytes = Buffer.from("the bytes of core-1.0.0.tgz");
const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
const start = new Date("2026-01-01T00:00:00Z");
const rotatedAt = new Date("2026-03-01T00:00:00Z");
const signedAt = new Date("2026-05-01T00:00:00Z");
const [ended, current, logKey] = [createSigningKey(), createSigningKey(), createSigningKey()];
const trust = exportTrust({
  logs: [{ origin: "log.demo.internal", publicKey: logKey.publicKey, start }],
  keys: [
    createTrustedKey(ended.publicKey, { name: "release", start, end: rotatedAt }),
    createTrustedKey(current.publicKey, { name: "release", start: rotatedAt }),
  ],
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "published-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A registry that serves one version, whose statements are by the current key, and says that it came out when it likes. */
async function serve(entryKey: SigningKey, time: Date): Promise<RegistryClient> {
  const clock = (): number => signedAt.getTime();
  const log = openTransparencyLog({ folder, origin: "log.demo.internal", key: logKey, clock });
  const subjects = [createSubject("pkg:npm/%40demo/core@1.0.0", bytes)];
  const predicates = [
    [provenancePredicate.type, {}],
    [sbomPredicate.type, {}],
    [
      verificationSummaryPredicate.type,
      {
        verifier: { id: "https://demo.example/verifier" },
        timeVerified: signedAt.toISOString(),
        resourceUri: "pkg:npm/%40demo/core@1.0.0",
        policy: { uri: "https://demo.example/policy" },
        verificationResult: "PASSED",
        verifiedLevels: ["SLSA_BUILD_LEVEL_1"],
      },
    ],
  ] as const;
  const attestations = await Promise.all(
    predicates.map(async ([predicateType, predicate]) => ({
      predicateType,
      bundle: await signStatement(createStatement({ subjects, predicateType, predicate }), {
        signer: createKeySigner(current),
        witnesses: [log],
      }),
    })),
  );
  log.close();
  const signatures = [await signRegistryEntry({ name, version, integrity }, createKeySigner(entryKey))];
  const packument = {
    "dist-tags": { latest: version },
    versions: { [version]: { dist: { integrity, signatures } } },
    time: { [version]: time.toISOString() },
  };
  const client: Partial<Record<keyof RegistryClient, unknown>> = {
    url: "http://registry.example/",
    readPackument: async () => packument,
    readTarball: async () => bytes,
    readAttestations: async () => attestations,
  };
  return client as unknown as RegistryClient;
}

test("a registry signature counts at the time that the log gives its statements", async () => {
  const client = await serve(current, signedAt);
  const { verified } = await verifyPublishedPackage(`${name}@latest`, { client, trust, identity: { key: "release" } });
  expect(verified.map(({ what }) => what)).toEqual([
    "registry signature",
    provenancePredicate.type,
    sbomPredicate.type,
    verificationSummaryPredicate.type,
  ]);
  expect(verified[0]?.says).toBe("by the key release");
});

test("a registry that dates a version back does not make an ended key count", async () => {
  const client = await serve(ended, new Date("2026-02-01T00:00:00Z"));
  await expect(
    verifyPublishedPackage(`${name}@latest`, { client, trust, identity: { key: "release" } }),
  ).rejects.toMatchObject({ code: "KEY_NOT_VALID" });
});
