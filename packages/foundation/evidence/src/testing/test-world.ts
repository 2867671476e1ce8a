import { expect } from "vitest";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createKeySigner,
  createSigningKey,
  createSubject,
  createTrustedKey,
  exportTrust,
  openTransparencyLog,
  provenancePredicate,
  type SerializedBundle,
  signStatement,
  type Statement,
  type TransparencyLog,
  type Trust,
  type TrustedKey,
} from "@hxp/evidence";

export const origin = "log.release.internal";
/** The clock of a test world starts here: 2026-01-01T00:00:00Z. */
export const epoch = Date.UTC(2026, 0, 1);
export const bytes = Buffer.from("the bytes of a tarball");

/** A key, a log with a clock to turn, and a trust in both. */
export interface TestWorld extends Disposable {
  folder: string;
  key: ReturnType<typeof createSigningKey>;
  logKey: ReturnType<typeof createSigningKey>;
  log: TransparencyLog;
  trust: Trust;
  clock: { now: number };
  sign(statement?: Statement, key?: ReturnType<typeof createSigningKey>): Promise<SerializedBundle>;
  /** A trust like this one, but for some properties of the key. */
  trustWith(changes: Partial<TrustedKey>): Trust;
}

export function createTestWorld(): TestWorld {
  const folder = mkdtempSync(join(tmpdir(), "evidence-"));
  const [key, logKey] = [createSigningKey(), createSigningKey()];
  const clock = { now: epoch };
  const log = openTransparencyLog({ folder: join(folder, "log"), origin, key: logKey, clock: () => clock.now });
  const trusted = createTrustedKey(key.publicKey, { name: "release", start: new Date(epoch) });
  const trustWith = (changes: Partial<TrustedKey>): Trust =>
    exportTrust({ logs: [{ origin, publicKey: logKey.publicKey }], keys: [{ ...trusted, ...changes }] });
  return {
    folder,
    key,
    logKey,
    log,
    clock,
    trustWith,
    trust: trustWith({}),
    sign: (statement = createTestStatement(), by = key) =>
      signStatement(statement, { signer: createKeySigner(by), witnesses: [log] }),
    [Symbol.dispose]: () => {
      log.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function createTestStatement(name = "pkg:npm/%40demo/core@1.0.0", content: Uint8Array = bytes): Statement {
  return provenancePredicate.create([createSubject(name, content)], {
    buildDefinition: { buildType: "https://example.test/build/v1", externalParameters: { ref: "main" } },
    runDetails: { builder: { id: "https://example.test/builder" } },
  });
}

/** A deep copy of a bundle with one change made to it. */
export function tamper(bundle: SerializedBundle, change: (copy: TamperedBundle) => void): SerializedBundle {
  const copy = structuredClone(bundle);
  change(copy as unknown as TamperedBundle);
  return copy;
}

/** The parts of a serialized bundle that tests tamper with. */
export interface TamperedBundle {
  mediaType: string;
  dsseEnvelope: { payload: string; payloadType: string; signatures: { sig: string }[] };
  verificationMaterial: {
    publicKey: { hint: string };
    tlogEntries: {
      logIndex: string;
      integratedTime: string;
      canonicalizedBody: string;
      inclusionPromise?: { signedEntryTimestamp: string };
      inclusionProof: { logIndex: string; hashes: string[]; checkpoint: { envelope: string } };
    }[];
  };
}

export function refusal(code: string): unknown {
  return expect.objectContaining({ code });
}
