import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type SerializedBundle, signRegistryEntry, type Statement, verifyStatement } from "@hxp/evidence";
import { writeFileDurably } from "@hxp/evidence/durable";
import {
  evidenceFiles,
  packageFolder,
  type PlannedPackage,
  type SealedRelease,
  tarballPath,
  tarballSubject,
} from "@hxp/evidence/release";
import type { GateInput, GateResult } from "@hxp/release-gates";
import type { Attestation, ReleasedPackage } from "@hxp/release-registry";
import {
  createGateStatement,
  createProvenance,
  createSbomStatement,
  createVerificationSummary,
} from "../evidence/package-statements.ts";
import { readPackedManifest } from "../evidence/read-packed-manifest.ts";
import { identifyBuilder } from "../evidence/identify-builder.ts";
import type { Signing } from "../evidence/signing.ts";
import { writeNotices } from "../evidence/write-notices.ts";
import type { ReleaseContext } from "../release-context.ts";
import { openUpstream } from "../registry/open-upstream.ts";
import { createPackageSbom } from "../sbom/create-package-sbom.ts";
import { defineStep } from "./step.ts";

/** Signs what is known about each package: provenance, SBOM, every gate's result, a summary over all, and the registry entry. */
export const sign = defineStep({
  name: "sign",
  title: "Sign",
  needs: ["sealed", "verdicts", "signing", "built"],
  gives: ["packages"],
  run: async (context, { sealed, verdicts, signing, built }, report) => {
    const gates = await signGates(sealed, { verdicts, signing });
    const { manifest: registry } = await openUpstream(context);
    await writeNotices(sealed, {
      workspace: built.workspace,
      registry,
      policy: context.config.policy.licences,
      signal: context.signal,
    });
    let done = 0;
    const packages = await Promise.all(
      sealed.plan.packages.map(async (planned) => {
        const statements = await createStatements(context, {
          sealed,
          planned,
          verdicts,
          gates,
          workspace: built.workspace,
          registry,
        });
        const attestations = await signAll(statements, signing);
        writeAttestations(sealed, { planned, attestations, statements });
        report(`signed ${(done += 1)} of ${sealed.plan.packages.length}`);
        return toReleasedPackage(sealed, { planned, attestations, signing });
      }),
    );
    return { packages };
  },
  resume: async (_context, { sealed, signing }) => {
    const packages = sealed.plan.packages.map((planned) => {
      const attestations = readAttestations(sealed, planned);
      for (const { bundle, predicateType } of attestations)
        verifyAttestation(bundle, { planned, predicateType, signing });
      return attestations.length < 3 ? undefined : toReleasedPackage(sealed, { planned, attestations, signing });
    });
    const known = await Promise.all(packages.filter((entry) => entry !== undefined));
    return known.length === packages.length ? { packages: known } : undefined;
  },
});

const fileNames: Record<string, string> = {
  "https://slsa.dev/provenance/v1": "provenance.sigstore.json",
  "https://cyclonedx.org/bom": "sbom.sigstore.json",
  "https://slsa.dev/verification_summary/v1": "verification-summary.sigstore.json",
};

type SignedAttestation = Attestation & { bundle: SerializedBundle };

async function signGates(
  sealed: SealedRelease,
  { verdicts, signing }: { verdicts: readonly GateResult[]; signing: Signing },
): Promise<Statement[]> {
  const folder = join(sealed.folder, evidenceFiles.gates);
  const statements = verdicts.map((verdict) =>
    createGateStatement(sealed.plan, verdict, readFileSync(join(folder, `${verdict.gate}.json`))),
  );
  const bundles = await Promise.all(statements.map((statement) => signing.sign(statement)));
  for (const [index, bundle] of bundles.entries()) {
    writeFileDurably(join(folder, `${verdicts[index]?.gate}.sigstore.json`), `${JSON.stringify(bundle)}\n`);
  }
  return statements;
}

interface StatementParts {
  sealed: SealedRelease;
  planned: PlannedPackage;
  verdicts: readonly GateResult[];
  gates: readonly Statement[];
  workspace: string;
  registry: GateInput["registry"];
}

async function createStatements(context: ReleaseContext, parts: StatementParts): Promise<Statement[]> {
  const { sealed, planned, verdicts, gates, workspace, registry } = parts;
  const provenance = createProvenance(sealed.plan, planned, {
    id: sealed.id,
    builder: identifyBuilder(context.env),
  });
  const sbom = await createPackageSbom({
    plan: sealed.plan,
    planned,
    workspace,
    tarball: tarballPath(sealed, planned),
    registry,
    policy: context.config.policy.licences,
    signal: context.signal,
  });
  const sbomStatement = createSbomStatement(planned, sbom);
  const summary = createVerificationSummary({
    planned,
    verdicts,
    inputs: [provenance, sbomStatement, ...gates],
    time: new Date(context.clock()).toISOString(),
    policyDigest: verdicts[0]?.policyDigest ?? context.configDigest,
  });
  return [provenance, sbomStatement, summary];
}

async function signAll(statements: readonly Statement[], signing: Signing): Promise<SignedAttestation[]> {
  const bundles = await Promise.all(statements.map((statement) => signing.sign(statement)));
  return bundles.map((bundle, index) => ({ predicateType: statements[index]?.predicateType ?? "", bundle }));
}

function writeAttestations(
  sealed: SealedRelease,
  {
    planned,
    attestations,
    statements,
  }: { planned: PlannedPackage; attestations: readonly SignedAttestation[]; statements: readonly Statement[] },
): void {
  const folder = packageFolder(sealed, planned);
  mkdirSync(folder, { recursive: true });
  const sbom = statements.find(({ predicateType }) => predicateType === "https://cyclonedx.org/bom");
  writeFileDurably(join(folder, "sbom.cdx.json"), `${JSON.stringify(sbom?.predicate, null, 2)}\n`);
  for (const { predicateType, bundle } of attestations) {
    writeFileDurably(
      join(folder, fileNames[predicateType] ?? "statement.sigstore.json"),
      `${JSON.stringify(bundle)}\n`,
    );
  }
}

/** Reads the signed statements about a package from an evidence folder; not yet verified. */
function readAttestations(
  sealed: Pick<SealedRelease, "folder">,
  planned: { name: string; version: string },
): SignedAttestation[] {
  const folder = packageFolder(sealed, planned);
  const present = existsSync(folder) ? readdirSync(folder) : [];
  return Object.entries(fileNames)
    .filter(([, file]) => present.includes(file))
    .map(([predicateType, file]) => ({
      predicateType,
      bundle: JSON.parse(readFileSync(join(folder, file), "utf8")) as SerializedBundle,
    }));
}

function verifyAttestation(
  bundle: SerializedBundle,
  { planned, predicateType, signing }: { planned: PlannedPackage; predicateType: string; signing: Signing },
): void {
  const { trust, identity } = signing;
  verifyStatement(bundle, { trust, identity, predicateType, subjects: [tarballSubject(planned)] });
}

async function toReleasedPackage(
  sealed: SealedRelease,
  { planned, attestations, signing }: { planned: PlannedPackage; attestations: Attestation[]; signing: Signing },
): Promise<ReleasedPackage> {
  const { name, version, access, tarball } = planned;
  const { integrity } = tarball;
  const signer = signing.registrySigner;
  return {
    name,
    version,
    access,
    integrity,
    tarball: tarballPath(sealed, planned),
    manifest: readPackedManifest(tarballPath(sealed, planned)),
    signatures: signer === undefined ? [] : [await signRegistryEntry({ name, version, integrity }, signer)],
    attestations,
  };
}
