import { createHash } from "node:crypto";
import {
  digestBytes,
  provenancePredicate,
  type ResourceDescriptor,
  sbomPredicate,
  type Sbom,
  serializeStatement,
  type Statement,
  testResultPredicate,
  verificationSummaryPredicate,
  type ReleasePlan,
} from "@hxp/evidence";
import { findNotJudged, packageUrl, type PlannedPackage, tarballSubject } from "@hxp/evidence/release";
import { type GateResult, isBlocking } from "@hxp/release-gates";

const base = "https://github.com/hxp-enterprise/hxp";

/** SLSA provenance of a package: which source, with which tools, built by whom. */
export function createProvenance(
  plan: ReleasePlan,
  planned: PlannedPackage,
  context: { id: string; builder: string },
): Statement {
  const { source, releaseCommit, lockfile, config, tools, channel } = plan;
  const uri = `git+${(source.repository ?? "https://localhost/unknown").replace(/^git\+/, "")}`;
  return provenancePredicate.create([tarballSubject(planned)], {
    buildDefinition: {
      buildType: `${base}/build-types/pnpm-workspace/v1`,
      externalParameters: { package: planned.name, folder: planned.folder, channel, workspace: source.prefix },
      internalParameters: { releaseCommit, dirty: source.dirty, tools, config: { sha256: config } },
      resolvedDependencies: [
        { uri: `${uri}@${source.commit}`, digest: { gitCommit: source.commit } },
        { name: "pnpm-lock.yaml", uri: `${uri}#${source.prefix}pnpm-lock.yaml`, digest: { sha256: lockfile } },
      ],
    },
    runDetails: {
      builder: { id: context.builder, version: tools },
      metadata: { invocationId: context.id },
    },
  });
}

/** A CycloneDX SBOM as a statement about its package. */
export function createSbomStatement(planned: PlannedPackage, sbom: Sbom): Statement {
  return sbomPredicate.create([tarballSubject(planned)], sbom);
}

/** A gate's result as a test result about every tarball that it judged. */
export function createGateStatement(plan: ReleasePlan, verdict: GateResult, file: Uint8Array): Statement {
  const failed = verdict.findings.filter(({ severity, waiver }) => severity === "error" && waiver === undefined);
  const warned = verdict.findings.filter((finding) => !failed.includes(finding));
  const isWaived = verdict.verdict === "not-run" && warned.length > 0;
  const isFailed = failed.length > 0 || !(isWaived || ["passed", "waived"].includes(verdict.verdict));
  return testResultPredicate.create(
    plan.packages.map((entry) => tarballSubject(entry)),
    {
      result: isFailed ? "FAILED" : warned.length > 0 ? "WARNED" : "PASSED",
      configuration: [
        { name: "policy", digest: digestSet(verdict.policyDigest) },
        { name: `${verdict.gate}.json`, digest: digestBytes(file) },
        ...verdict.inputs.map((input): ResourceDescriptor => ({ name: input.name, digest: digestSet(input.digest) })),
      ],
      passedTests: isFailed || isWaived ? [] : [verdict.gate],
      warnedTests: warned.map((finding) => nameFinding(finding)),
      failedTests: failed.map((finding) => nameFinding(finding)),
    },
  );
}

/** What {@link createVerificationSummary} takes. */
export interface SummaryParts {
  planned: PlannedPackage;
  verdicts: readonly GateResult[];
  /** Every statement that was taken into account. */
  inputs: readonly Statement[];
  /** ISO 8601. */
  time: string;
  policyDigest: string;
}

/** A SLSA verification summary: one signature that covers all gates and statements about a package. */
export function createVerificationSummary({ planned, verdicts, inputs, time, policyDigest }: SummaryParts): Statement {
  const rebuilt = verdicts.some(({ gate, verdict }) => gate === "rebuild" && verdict === "passed");
  return verificationSummaryPredicate.create([tarballSubject(planned)], {
    verifier: { id: `${base}/tooling/release` },
    timeVerified: time,
    resourceUri: packageUrl(planned.name, planned.version),
    policy: { uri: `${base}/policies/release`, digest: digestSet(policyDigest) },
    inputAttestations: inputs.map((statement) => ({ digest: { sha256: sha256(serializeStatement(statement)) } })),
    verificationResult: verdicts.length === 0 || verdicts.some((verdict) => isBlocking(verdict)) ? "FAILED" : "PASSED",
    verifiedLevels: ["SLSA_BUILD_LEVEL_1", ...(rebuilt ? ["HXP_REBUILT_IDENTICALLY"] : [])],
    slsaVersion: "1.0",
    gates: Object.fromEntries(verdicts.map(({ gate, verdict }) => [gate, verdict])),
    ...nameExceptions(verdicts),
  });
}

/** What a reader of PASSED must see beside it: gates that did not run, and waivers that were needed. */
function nameExceptions(verdicts: readonly GateResult[]) {
  const notRun = verdicts.filter(({ verdict }) => verdict === "not-run");
  const notJudged = findNotJudged(verdicts.map(({ gate }) => gate));
  const waived = verdicts
    .filter(({ verdict }) => verdict === "waived")
    .flatMap(({ findings }) => findings.flatMap(({ waiver }) => (waiver === undefined ? [] : [waiver])));
  const waivers = [...new Set(waived.map((waiver) => JSON.stringify(waiver)))].map(
    (text) => JSON.parse(text) as object,
  );
  return {
    ...(notJudged.length === 0 ? {} : { notJudged }),
    ...(notRun.length === 0
      ? {}
      : { notRun: Object.fromEntries(notRun.map(({ gate, reason }) => [gate, reason ?? "no reason given"])) }),
    ...(waivers.length === 0 ? {} : { waivers }),
  };
}

function nameFinding({ rule, package: subject }: GateResult["findings"][number]): string {
  return subject === undefined ? rule : `${rule} ${subject}`;
}

function digestSet(digest: string): Record<string, string> {
  const [algorithm = "sha256", value = ""] = digest.includes(":") ? digest.split(":") : ["sha256", digest];
  return { [algorithm]: value };
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
