import {
  digestBytes,
  parseStatement,
  releasePlanPredicate,
  serializeStatement,
  testResultPredicate,
} from "@hxp/evidence";
import { provenancePredicate, sbomPredicate, verificationSummaryPredicate } from "@hxp/evidence";
import type { Finding, GateResult } from "@hxp/release-gates";
import { describe, expect, test } from "vitest";
import { makePlan, makePlanned } from "../../test/support/make-plan.ts";
import {
  createGateStatement,
  createProvenance,
  createSbomStatement,
  createVerificationSummary,
} from "./package-statements.ts";

const planned = makePlanned();
const plan = makePlan({ packages: [planned, makePlanned({ name: "plain" })] });
const sha512 = Buffer.from(planned.tarball.integrity.slice("sha512-".length), "base64").toString("hex");
const context = { id: "f".repeat(64), builder: "https://builders.example/one" };

const verdict: GateResult = {
  gate: "contents",
  verdict: "passed",
  checked: 2,
  findings: [],
  inputs: [{ name: "core.tgz", digest: `sha512:${"ab".repeat(64)}` }],
  policyDigest: `sha256:${"12".repeat(32)}`,
  startedAt: "2026-01-01T00:00:00Z",
  durationMs: 1,
};
const finding: Finding = {
  gate: "contents",
  rule: "secret",
  package: "core",
  where: "x",
  message: "m",
  why: "w",
  fix: "f",
  severity: "error",
};
const waiver = { owner: "lea", reason: "known", expires: "2026-12-31" } as NonNullable<Finding["waiver"]>;

describe("provenance", () => {
  const statement = createProvenance(plan, planned, context);

  test("is a statement about the tarball's bytes that parses as what it is", () => {
    const parsed = provenancePredicate.parse(parseStatement(serializeStatement(statement)));
    expect(parsed.subject).toEqual([{ name: "pkg:npm/%40acme/core@1.0.0", digest: { sha512 } }]);
    expect(parsed.predicate.runDetails).toMatchObject({
      builder: { id: context.builder },
      metadata: { invocationId: context.id },
    });
  });

  test("names the source commit, the lockfile, the configuration and the tools", () => {
    const { buildDefinition } = provenancePredicate.parse(statement).predicate;
    expect(buildDefinition.resolvedDependencies).toEqual([
      {
        uri: `git+https://github.com/acme/acme.git@${plan.source.commit}`,
        digest: { gitCommit: plan.source.commit },
      },
      {
        name: "pnpm-lock.yaml",
        uri: "git+https://github.com/acme/acme.git#pnpm-lock.yaml",
        digest: { sha256: plan.lockfile },
      },
    ]);
    expect(buildDefinition.internalParameters).toMatchObject({ config: { sha256: plan.config }, tools: plan.tools });
  });

  test.each(["https://github.com/acme/acme.git", null])("has a URI for the repository %s", (repository) => {
    const source = { ...plan.source, repository };
    const { resolvedDependencies = [] } = provenancePredicate.parse(
      createProvenance({ ...plan, source }, planned, context),
    ).predicate.buildDefinition;
    expect(resolvedDependencies[0]?.uri).toMatch(/^git\+https:\/\/[^+]+@a{40}$/);
  });
});

test("an SBOM is a statement about the tarball's bytes", () => {
  const sbom = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: "urn:uuid:00000000-0000-4000-8000-000000000000",
    version: 1,
  };
  const statement = createSbomStatement(planned, sbom as Parameters<typeof createSbomStatement>[1]);
  expect(sbomPredicate.parse(statement)).toMatchObject({ subject: [{ digest: { sha512 } }], predicate: sbom });
});

describe("a gate's result", () => {
  const file = Buffer.from("{}");
  const resultOf = (changes: Partial<GateResult>) =>
    testResultPredicate.parse(createGateStatement(plan, { ...verdict, ...changes }, file));

  test("is about every tarball, with the digests of policy, result file and inputs", () => {
    const { subject, predicate } = resultOf({});
    expect(subject.map(({ name }) => name)).toEqual(["pkg:npm/%40acme/core@1.0.0", "pkg:npm/plain@1.0.0"]);
    expect(predicate).toEqual({
      result: "PASSED",
      configuration: [
        { name: "policy", digest: { sha256: "12".repeat(32) } },
        { name: "contents.json", digest: digestBytes(file) },
        { name: "core.tgz", digest: { sha512: "ab".repeat(64) } },
      ],
      passedTests: ["contents"],
      warnedTests: [],
      failedTests: [],
    });
  });

  test("takes a digest without an algorithm for a SHA-256", () => {
    expect(resultOf({ policyDigest: "cd".repeat(32) }).predicate.configuration[0]?.digest).toEqual({
      sha256: "cd".repeat(32),
    });
  });

  test("fails with an error that nobody waived, whatever the verdict says", () => {
    const { package: _, ...release } = finding;
    expect(resultOf({ findings: [finding, release] }).predicate).toMatchObject({
      result: "FAILED",
      passedTests: [],
      failedTests: ["secret core", "secret"],
    });
  });

  test("warns of warnings and of what was waived", () => {
    const findings: Finding[] = [
      { ...finding, waiver },
      { ...finding, rule: "size", severity: "warning" },
    ];
    expect(resultOf({ verdict: "waived", findings }).predicate).toMatchObject({
      result: "WARNED",
      passedTests: ["contents"],
      warnedTests: ["secret core", "size core"],
      failedTests: [],
    });
  });

  test.each(["failed", "not-run"] as const)("is never a pass when the gate %s, findings or not", (outcome) => {
    expect(resultOf({ verdict: outcome }).predicate).toMatchObject({ result: "FAILED", passedTests: [] });
  });
});

test("a gate that did not run, which somebody waived, warns and has passed nothing", () => {
  const notRun = { ...verdict, verdict: "not-run" as const, findings: [{ ...finding, waiver }] };
  expect(testResultPredicate.parse(createGateStatement(plan, notRun, Buffer.from("{}"))).predicate).toMatchObject({
    result: "WARNED",
    passedTests: [],
  });
});

describe("a verification summary", () => {
  const inputs = [createProvenance(plan, planned, context)];
  const summaryOf = (verdicts: readonly GateResult[]) =>
    verificationSummaryPredicate.parse(
      createVerificationSummary({
        planned,
        verdicts,
        inputs,
        time: "2026-01-01T00:00:00Z",
        policyDigest: `sha256:${"34".repeat(32)}`,
      }),
    ).predicate;

  test("names the digest of every statement that it rests on, and each gate's verdict", () => {
    const { sha256 } = digestBytes(serializeStatement(inputs[0]!));
    expect(summaryOf([verdict])).toMatchObject({
      resourceUri: "pkg:npm/%40acme/core@1.0.0",
      inputAttestations: [{ digest: { sha256 } }],
      verificationResult: "PASSED",
      policy: { digest: { sha256: "34".repeat(32) } },
      gates: { contents: "passed" },
    });
  });

  test("says FAILED where a gate blocks, or where none has judged", () => {
    const notRun = { ...verdict, verdict: "not-run" as const, findings: [finding] };
    for (const verdicts of [[], [{ ...verdict, verdict: "failed" as const }], [verdict, notRun]]) {
      expect(summaryOf(verdicts).verificationResult).toBe("FAILED");
    }
    expect(summaryOf([{ ...verdict, verdict: "waived" }]).verificationResult).toBe("PASSED");
  });

  test("says beside PASSED which gates did not run and why, and which waivers it needed", () => {
    const notRun = {
      ...verdict,
      gate: "advisories",
      verdict: "not-run" as const,
      reason: "no snapshot",
      findings: [{ ...finding, waiver }],
    };
    const waived = {
      ...verdict,
      verdict: "waived" as const,
      findings: [finding, finding].map((one) => ({ ...one, waiver })),
    };
    expect(summaryOf([waived, notRun])).toMatchObject({
      verificationResult: "PASSED",
      gates: { contents: "waived", advisories: "not-run" },
      notRun: { advisories: "no snapshot" },
      waivers: [waiver],
    });
    expect(summaryOf([verdict])).not.toHaveProperty("notRun");
    expect(summaryOf([verdict])).not.toHaveProperty("waivers");
  });

  test("claims an identical rebuild only when that gate passed", () => {
    const rebuild = { ...verdict, gate: "rebuild" };
    const levels = (verdicts: readonly GateResult[]) => summaryOf(verdicts).verifiedLevels;
    expect(levels([verdict, rebuild])).toEqual(["SLSA_BUILD_LEVEL_1", "HXP_REBUILT_IDENTICALLY"]);
    for (const outcome of ["waived", "not-run", "failed"] as const) {
      expect(levels([verdict, { ...rebuild, verdict: outcome }])).toEqual(["SLSA_BUILD_LEVEL_1"]);
    }
  });
});

test("the test plan is one that the published schema takes", () => {
  expect(releasePlanPredicate.schema.parse(plan)).toEqual(plan);
});
