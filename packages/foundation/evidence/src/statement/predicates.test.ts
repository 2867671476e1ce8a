import { describe, expect, test } from "vitest";
import {
  createSubject,
  definePredicate,
  parseStatement,
  type PredicateKind,
  provenancePredicate,
  releasePlanPredicate,
  releaseRecordPredicate,
  sbomPredicate,
  serializeStatement,
  testResultPredicate,
  verificationSummaryPredicate,
} from "@hxp/evidence";
import { z } from "zod";
import { refusal } from "../testing/test-world.ts";

const subjects = [createSubject("core.tgz", Buffer.from("x"))];
const sha512 = "ab".repeat(64);
const time = "2026-01-01T00:00:00Z";
const uri = "https://example.test/x";
const move = { tag: "latest", from: "1.0.0", to: "1.1.0" };

const provenance = {
  buildDefinition: {
    buildType: uri,
    externalParameters: { ref: "main" },
    resolvedDependencies: [{ uri: "git+https://example.test/x", digest: { gitCommit: "a".repeat(40) } }],
  },
  runDetails: { builder: { id: uri, version: { node: "24" } }, metadata: { startedOn: time } },
};
const summary = {
  verifier: { id: uri },
  timeVerified: time,
  resourceUri: "pkg:npm/core@1.0.0",
  policy: { uri, digest: { sha256: "a".repeat(64) } },
  inputAttestations: [{ uri, digest: { sha512 } }],
  verificationResult: "PASSED",
  verifiedLevels: ["SLSA_BUILD_LEVEL_2"],
};
const sbom = { bomFormat: "CycloneDX", specVersion: "1.6", version: 1, components: [{ type: "library", name: "zod" }] };
const result = { result: "FAILED", configuration: [{ uri }], failedTests: ["does x"] };
const plan = {
  schema: "https://github.com/hxp-enterprise/hxp/predicates/release-plan/v1",
  source: {
    commit: "a".repeat(40),
    tree: "b".repeat(40),
    time: 1_767_225_600,
    dirty: [],
    repository: "git+https://example.test/x.git",
    prefix: "",
  },
  releaseCommit: "c".repeat(40),
  lockfile: "a".repeat(64),
  config: "b".repeat(64),
  tools: { node: "24.21.0" },
  registry: { name: "npm", identity: uri },
  channel: "latest",
  stagingTag: "staging-1",
  packages: [
    {
      name: "@demo/core",
      version: "1.1.0",
      oldVersion: "1.0.0",
      bump: "minor",
      reasons: ["Greets by name."],
      folder: "packages/core",
      rank: 0,
      access: "public",
      expectedTag: "1.0.0",
      onRegistry: false,
      tarball: { file: "demo-core-1.1.0.tgz", size: 10, integrity: `sha512-${"A".repeat(86)}==` },
    },
  ],
  warnings: [],
};
const record = {
  outcome: "promoted",
  release: "a".repeat(64),
  recordedAt: time,
  registry: uri,
  channel: "latest",
  packages: [{ name: "@demo/core", version: "1.1.0", digest: { sha512 }, tags: [move] }],
};

const kinds: [string, PredicateKind<object>, object][] = [
  ["provenance", provenancePredicate, provenance],
  ["verification summary", verificationSummaryPredicate, summary],
  ["SBOM", sbomPredicate, sbom],
  ["test result", testResultPredicate, result],
  ["release plan", releasePlanPredicate, plan],
  ["release record", releaseRecordPredicate, record],
  ["rollback record", releaseRecordPredicate, { ...record, outcome: "rolled-back", reason: "bug" }],
];

describe.each(kinds)("a %s", (_, kind, predicate) => {
  test("comes back from its bytes as it was, fields of later versions included", () => {
    const later = kind.type === releasePlanPredicate.type ? {} : { later: { x: 1 } };
    const statement = kind.create(subjects, { ...predicate, ...later });
    expect(kind.parse(parseStatement(serializeStatement(statement)))).toEqual(statement);
    expect(statement.predicateType).toBe(kind.type);
  });

  test("is refused where another kind was asked for", () => {
    const other = definePredicate("https://example.test/other", z.looseObject({}));
    expect(() => other.parse(kind.create(subjects, predicate))).toThrow(refusal("PREDICATE_REFUSED"));
  });

  test("has a JSON Schema under its type", () => {
    expect(kind.jsonSchema()).toMatchObject({ $id: kind.type, $schema: expect.stringContaining("2020-12") });
  });
});

test("a release plan with a field that nobody knows is refused", () => {
  expect(() => releasePlanPredicate.create(subjects, { ...plan, later: 1 } as never)).toThrow(
    refusal("STATEMENT_INVALID"),
  );
});

test.each<[string, PredicateKind<object>, object]>([
  [
    "predicate.buildDefinition.buildType",
    provenancePredicate,
    { ...provenance, buildDefinition: { ...provenance.buildDefinition, buildType: "npm" } },
  ],
  ["predicate.runDetails", provenancePredicate, { buildDefinition: provenance.buildDefinition }],
  ["predicate.verificationResult", verificationSummaryPredicate, { ...summary, verificationResult: "passed" }],
  ["predicate.timeVerified", verificationSummaryPredicate, { ...summary, timeVerified: "today" }],
  ["predicate.specVersion", sbomPredicate, { ...sbom, specVersion: "1.5" }],
  ["predicate.serialNumber", sbomPredicate, { ...sbom, serialNumber: "1" }],
  ["predicate.configuration.0", testResultPredicate, { ...result, configuration: [{}] }],
  [
    "predicate.packages.0.tarball.integrity",
    releasePlanPredicate,
    { ...plan, packages: [{ ...plan.packages[0], tarball: { file: "x", size: 1, integrity: "sha1-x" } }] },
  ],
  [
    "predicate.packages.0.tarball.file",
    releasePlanPredicate,
    { ...plan, packages: [{ ...plan.packages[0], tarball: { ...plan.packages[0]?.tarball, file: "../x.tgz" } }] },
  ],
  ["predicate.packages.0.name", releasePlanPredicate, { ...plan, packages: [{ ...plan.packages[0], name: "../x" }] }],
  ["predicate.reason", releaseRecordPredicate, { ...record, outcome: "rolled-back" }],
  ["predicate.reason", releaseRecordPredicate, { ...record, outcome: "abandoned", reason: "" }],
  ["predicate.outcome", releaseRecordPredicate, { ...record, outcome: "lost" }],
])("%s is named when it is wrong, by the builder and by the parser", (field, kind, predicate) => {
  const refused = expect.objectContaining({ code: "STATEMENT_INVALID", message: expect.stringContaining(`${field}:`) });
  expect(() => kind.create(subjects, predicate)).toThrow(refused);
  const statement = {
    _type: "https://in-toto.io/Statement/v1",
    subject: subjects,
    predicateType: kind.type,
    predicate,
  };
  expect(() => kind.parse(statement as never)).toThrow(refused);
});
