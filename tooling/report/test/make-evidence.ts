import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  createKeySigner,
  createSigningKey,
  createStatement,
  createSubject,
  createTrustedKey,
  exportTrust,
  openTransparencyLog,
  releasePlanPredicate,
  releaseRecordPredicate,
  sbomPredicate,
  signStatement,
  type Statement,
  testResultPredicate,
  writeTrust,
} from "@hxp/evidence";
import { readEvidenceSubjects } from "@hxp/evidence/release";
import { temporaryFolder } from "./temporary-folder.ts";
import { type EvidenceShape, hashOf, localRegistry, type MadePackage, makePackages } from "./make-details.ts";
import { makeGates } from "./make-gates.ts";
import { makeSbom } from "./make-sbom.ts";

const origin = "log.acme.internal";

/** Makes an evidence folder as a release leaves it: real keys, a real log, every statement signed. */
export async function makeEvidence(folder: string, shape: EvidenceShape = {}): Promise<void> {
  using logFolder = temporaryFolder();
  const [key, logKey] = [createSigningKey(), createSigningKey()];
  let now = Date.UTC(2026, 10, 25, 21, 7);
  const log = openTransparencyLog({ folder: logFolder.path, origin, key: logKey, clock: () => (now += 1000) });
  const write = (file: string, content: string | Buffer): void => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), content);
  };
  const sign = async (file: string, statement: Statement): Promise<void> =>
    write(
      file,
      `${JSON.stringify(await signStatement(statement, { signer: createKeySigner(key), witnesses: [log] }))}\n`,
    );
  try {
    const start = new Date(Date.UTC(2026, 10, 1));
    const keys = [createTrustedKey(key.publicKey, { name: "release", start })];
    mkdirSync(join(folder, "trust"), { recursive: true });
    writeTrust(join(folder, "trust"), exportTrust({ logs: [{ origin, publicKey: logKey.publicKey, start }], keys }));
    await writeStatements(folder, { shape, write, sign });
    write("log/checkpoint", log.checkpoint());
  } finally {
    log.close();
  }
}

interface Writing {
  shape: EvidenceShape;
  write(file: string, content: string | Buffer): void;
  sign(file: string, statement: Statement): Promise<void>;
}

async function writeStatements(folder: string, { shape, write, sign }: Writing): Promise<void> {
  const packages = makePackages(shape);
  for (const entry of packages) write(`tarballs/${tarballOf(entry)}`, entry.bytes);
  const plan = makePlan(packages, shape);
  const planText = `${JSON.stringify(plan, null, 2)}\n`;
  write("plan.json", planText);
  await sign(
    "plan.sigstore.json",
    createStatement({
      subjects: [createSubject("plan.json", Buffer.from(planText)), ...packages.map(subjectOf)],
      predicateType: releasePlanPredicate.type,
      predicate: plan,
    }),
  );
  for (const gate of makeGates(shape) as { gate: string }[]) {
    write(`gates/${gate.gate}.json`, `${JSON.stringify(gate, null, 2)}\n`);
    const predicate = {
      result: "PASSED" as const,
      configuration: [{ name: "policy", digest: { sha256: hashOf("policy") } }],
    };
    await sign(`gates/${gate.gate}.sigstore.json`, testResultPredicate.create(packages.map(subjectOf), predicate));
  }
  const nodes = ["22.22.2", "24.15.0", "26.10.0"];
  const smoke = nodes.map((node) => ({ manager: "npm", node, verdict: "passed", failures: [], durationMs: 9100 }));
  write("smoke/cells.json", `${JSON.stringify(smoke, null, 2)}\n`);
  for (const entry of packages.slice(0, 12)) {
    const sbom = makeSbom(entry, shape);
    const place = `packages/${entry.name.slice(1).replace("/", "-")}-${entry.version}`;
    write(`${place}/sbom.cdx.json`, `${JSON.stringify(sbom, null, 2)}\n`);
    const statement = sbomPredicate.create([subjectOf(entry)], sbom as Parameters<typeof sbomPredicate.create>[1]);
    await sign(`${place}/sbom.sigstore.json`, statement);
  }
  await sign("record.sigstore.json", makeRecord(folder, { packages, shape, file: "record.sigstore.json" }));
  if (shape.isRolledBack !== true) return;
  await sign("rollback.sigstore.json", makeRecord(folder, { packages, shape, file: "rollback.sigstore.json" }));
}

function makePlan(packages: readonly MadePackage[], shape: EvidenceShape) {
  const { hostile = "", registry = localRegistry, channel = "latest" } = shape;
  return {
    schema: releasePlanPredicate.type,
    source: {
      commit: "1f0e3dad99908345f7439f8ffabdffc4f2a4c0de",
      tree: "2f0e3dad99908345f7439f8ffabdffc4f2a4c0de",
      time: Date.UTC(2026, 10, 25, 20) / 1000,
      dirty: [],
      repository: "https://git.acme.example/platform.git",
      prefix: "",
    },
    releaseCommit: "3f0e3dad99908345f7439f8ffabdffc4f2a4c0de",
    lockfile: hashOf("lockfile"),
    config: hashOf("config"),
    tools: { node: "24.21.0", pnpm: "12.21.0", tsup: "9.0.0" },
    registry,
    channel,
    stagingTag: "staging-1f0e3dad",
    packages: packages.map((entry, index) => ({
      name: entry.name,
      version: entry.version,
      oldVersion: entry.oldVersion,
      bump: "minor",
      reasons: [`Answers while it drains, too. ${hostile}`.trim()],
      folder: `packages/part-${index}`,
      rank: 0,
      access: "public",
      expectedTag: entry.oldVersion,
      onRegistry: false,
      tarball: {
        file: tarballOf(entry),
        integrity: `sha512-${digestOf(entry).toString("base64")}`,
        size: entry.bytes.length,
      },
    })),
    warnings: hostile === "" ? [] : [hostile],
  };
}

interface RecordParts {
  packages: readonly MadePackage[];
  shape: EvidenceShape;
  file: string;
}

function makeRecord(folder: string, { packages, shape, file }: RecordParts): Statement {
  const { registry = localRegistry, channel = "latest" } = shape;
  const { recordedAt = shape.isPrevious ? "2026-11-20T21:10:00.000Z" : "2026-11-25T21:10:00.000Z" } = shape;
  const subjects = [...packages.map(subjectOf), ...readEvidenceSubjects(folder, file)];
  const isRollback = file === "rollback.sigstore.json";
  return releaseRecordPredicate.create(subjects, {
    ...(isRollback ? { outcome: "rolled-back", reason: "It loses streams." } : { outcome: "promoted" }),
    release: createHash("sha256")
      .update(readFileSync(join(folder, "plan.json")))
      .digest("hex"),
    recordedAt: isRollback ? "2026-11-26T09:00:00.000Z" : recordedAt,
    registry: registry.identity,
    channel,
    packages: packages.map((entry) => ({
      name: entry.name,
      version: entry.version,
      digest: { sha512: digestOf(entry).toString("hex") },
      tags: [{ tag: "latest", from: entry.oldVersion, to: entry.version }],
    })),
  });
}

function subjectOf(entry: MadePackage) {
  const purl = `pkg:npm/${entry.name.replace("@", "%40")}@${entry.version}`;
  return { name: purl, digest: { sha512: digestOf(entry).toString("hex") } };
}

function tarballOf({ name, version }: MadePackage): string {
  return `${name.slice(1).replace("/", "-")}-${version}.tgz`;
}

function digestOf({ bytes }: MadePackage): Buffer {
  return createHash("sha512").update(bytes).digest();
}
