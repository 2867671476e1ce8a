import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  createKeySigner,
  createSigningKey,
  createTrustedKey,
  exportTrust,
  openTransparencyLog,
  parseStatement,
  type RegistrySignature,
  type SerializedBundle,
  signRegistryEntry,
  signStatement,
  type Statement,
  verifyRegistryEntry,
  verifyStatement,
} from "@hxp/evidence";
import { packageFolder, readSealedRelease, tarballPath } from "@hxp/evidence/release";
import type { BenchWorld } from "./bench-world.ts";

/** Milliseconds that signing and verifying everything about all packages took. */
export interface SigningRun {
  signMs: number;
  verifyMs: number;
}

/** What is signed about one package: its statements, and its entry in the registry. */
interface Subject {
  name: string;
  version: string;
  integrity: string;
  tarball: Buffer;
  statements: Statement[];
}

/** Signs the very statements of the world's release anew, into a fresh log on disk, and verifies them against the tarballs. */
export async function measureSigning(world: BenchWorld, rounds: number): Promise<SigningRun[]> {
  const subjects = readSubjects(join(world.state, "releases"));
  const runs: SigningRun[] = [];
  for (let round = 0; round < rounds; round += 1) {
    world.signal.throwIfAborted();
    runs.push(await runOnce(subjects, mkdtempSync(join(world.folder, "log-"))));
  }
  return runs;
}

async function runOnce(subjects: readonly Subject[], folder: string): Promise<SigningRun> {
  const [logKey, key] = [createSigningKey(), createSigningKey()];
  const origin = "bench.invalid";
  const signer = createKeySigner(key);
  using log = openTransparencyLog({ folder, origin, key: logKey });
  const trust = exportTrust({
    logs: [{ origin, publicKey: logKey.publicKey }],
    keys: [createTrustedKey(key.publicKey, { name: "bench" })],
  });
  const start = performance.now();
  const signed = await Promise.all(
    subjects.map(async (subject) => ({
      ...subject,
      bundles: await Promise.all(
        subject.statements.map((statement) => signStatement(statement, { signer, witnesses: [log] })),
      ),
      signature: await signRegistryEntry(subject, signer),
    })),
  );
  const signMs = performance.now() - start;
  const between = performance.now();
  for (const subject of signed) verifyAll(subject, trust);
  return { signMs, verifyMs: performance.now() - between };
}

function verifyAll(
  subject: Subject & { bundles: SerializedBundle[]; signature: RegistrySignature },
  trust: ReturnType<typeof exportTrust>,
): void {
  const { bundles, signature, statements, tarball } = subject;
  for (const [index, bundle] of bundles.entries()) {
    const { predicateType = "", subject: about = [] } = statements[index] ?? {};
    const subjects = [{ name: about[0]?.name ?? "", bytes: tarball }];
    verifyStatement(JSON.stringify(bundle), { trust, identity: { key: "bench" }, predicateType, subjects });
  }
  verifyRegistryEntry({ ...subject, signatures: [signature] }, { trust, signedAt: new Date() });
}

function readSubjects(releases: string): Subject[] {
  const [id = ""] = readdirSync(releases);
  const sealed = readSealedRelease(join(releases, id));
  return sealed.plan.packages.map((planned) => {
    const folder = packageFolder(sealed, planned);
    const bundles = readdirSync(folder).filter((file) => file.endsWith(".sigstore.json"));
    return {
      name: planned.name,
      version: planned.version,
      integrity: planned.tarball.integrity,
      tarball: readFileSync(tarballPath(sealed, planned)),
      statements: bundles.map((file) => readStatement(join(folder, file))),
    };
  });
}

function readStatement(path: string): Statement {
  const { dsseEnvelope } = JSON.parse(readFileSync(path, "utf8")) as { dsseEnvelope: { payload: string } };
  return parseStatement(Buffer.from(dsseEnvelope.payload, "base64"));
}
