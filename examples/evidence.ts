import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createKeySigner,
  createSubject,
  createTrustedKey,
  exportTrust,
  openSigningKey,
  openTransparencyLog,
  provenancePredicate,
  readTrust,
  signStatement,
  verifyStatement,
  writeTrust,
} from "@hxp/evidence";

const folder = mkdtempSync(join(tmpdir(), "evidence-"));
const tarball = Buffer.from("the bytes of core-1.0.0.tgz");
const name = "pkg:npm/%40demo/core@1.0.0";

// The releaser: two keys, made on first use, a log, and a trust to hand out.
const key = await openSigningKey(join(folder, "release.key"));
const logKey = await openSigningKey(join(folder, "log.key"));
const trusted = createTrustedKey(key.publicKey, { name: "release" });
writeTrust(
  folder,
  exportTrust({ keys: [trusted], logs: [{ origin: "log.demo.internal", publicKey: logKey.publicKey }] }),
);

const log = openTransparencyLog({ folder: join(folder, "log"), origin: "log.demo.internal", key: logKey });
const statement = provenancePredicate.create([createSubject(name, tarball)], {
  buildDefinition: { buildType: "https://demo.example/build/v1", externalParameters: { ref: "main" } },
  runDetails: { builder: { id: "https://demo.example/builder" } },
});
const bundle = await signStatement(statement, { signer: createKeySigner(key), witnesses: [log] });
log.close();

// The consumer: the bundle, the bytes and the trust; no network.
const { signedBy, loggedAt } = verifyStatement(bundle, {
  trust: readTrust(folder),
  subjects: [{ name, bytes: tarball }],
  predicateType: provenancePredicate.type,
  identity: { key: "release" },
});
console.log(`${name} is signed by ${JSON.stringify(signedBy)}, logged at ${loggedAt.toISOString()}`);
rmSync(folder, { recursive: true });
