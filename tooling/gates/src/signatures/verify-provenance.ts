import { join } from "node:path";
import { readTrust } from "@hxp/evidence";
import { bundleFromJSON } from "@sigstore/bundle";
import { TrustedRoot } from "@sigstore/protobuf-specs";
import { toSignedEntity, toTrustMaterial, Verifier } from "@sigstore/verify";
import { z } from "zod";
import type { Component } from "../closure/component.ts";
import type { ServedAttestation } from "../gate.ts";
import { type BuildIdentity, readBuildIdentity } from "./build-identity.ts";
import { strongIntegrity } from "./check-integrity.ts";

/** What looking at the provenance of a version came to; `problem` says why it is `invalid`. */
export type ProvenanceVerdict =
  | { provenance: "verified"; identity: BuildIdentity }
  | { provenance: "served" }
  | { provenance: "invalid"; problem: string };

/** A version, and the bytes that its provenance has to be about. */
export type AttestedVersion = Pick<Component, "id" | "purl" | "integrity">;

const statementSchema = z.looseObject({
  subject: z.array(z.looseObject({ name: z.string(), digest: z.record(z.string(), z.string()) })).min(1),
  predicateType: z.string(),
});

const bundleSchema = z.looseObject({ dsseEnvelope: z.looseObject({ payload: z.base64() }) });

/**
 * Makes a verifier of sigstore bundles from the policy's trusted root; undefined without one.
 * Throws FILE_UNREADABLE or TRUST_INVALID.
 */
export function openVerifier(workspace: string, trustedRoot: string | undefined): Verifier | undefined {
  if (trustedRoot === undefined) return undefined;
  const root = TrustedRoot.fromJSON(readTrust(join(workspace, trustedRoot)).trustedRoot);
  const ctlogThreshold = root.ctlogs.length > 0 ? 1 : 0;
  return new Verifier(toTrustMaterial(root), { tlogThreshold: 1, timestampThreshold: 1, ctlogThreshold });
}

/** Whether an attestation says where a package was built, and not that it was published. */
export function isProvenance({ predicateType }: ServedAttestation): boolean {
  return predicateType.startsWith("https://slsa.dev/provenance/");
}

/**
 * Verifies what can be of a provenance: that it is about exactly the pinned bytes of this version, and, with a verifier,
 * its signature, certificate and log entry.
 */
export function verifyProvenance(
  { bundle }: ServedAttestation,
  component: AttestedVersion,
  verifier: Verifier | undefined,
): ProvenanceVerdict {
  const problem = subjectProblem(bundle, component);
  if (problem !== undefined) return { provenance: "invalid", problem };
  if (verifier === undefined) return { provenance: "served" };
  try {
    const identity = readBuildIdentity(verifier.verify(toSignedEntity(bundleFromJSON(bundle))).identity);
    if (identity !== undefined) return { provenance: "verified", identity };
    return { provenance: "invalid", problem: `the provenance of ${component.id} names nobody who signed it` };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      provenance: "invalid",
      problem: `the provenance of ${component.id} is not signed as it should be: ${reason}`,
    };
  }
}

function subjectProblem(bundle: object, { id, purl, integrity }: AttestedVersion): string | undefined {
  const statement = readStatement(bundle);
  if (statement === undefined) return `the provenance of ${id} holds no statement`;
  const pinned = strongIntegrity(integrity);
  if (pinned === undefined) return `${id} has no pinned SHA-512 that its provenance could be about`;
  const digest = Buffer.from(pinned.slice("sha512-".length), "base64").toString("hex");
  const subject = statement.subject.find(({ name }) => samePurl(name, purl));
  if (subject === undefined) {
    return `the provenance of ${id} is about ${statement.subject.map(({ name }) => name).join(", ")}`;
  }
  const attested = subject.digest["sha512"];
  return attested === digest ? undefined : `the provenance of ${id} is about other bytes, with the SHA-512 ${attested}`;
}

function readStatement(bundle: object): z.output<typeof statementSchema> | undefined {
  const parsed = bundleSchema.safeParse(bundle);
  if (!parsed.success) return undefined;
  try {
    return statementSchema.parse(JSON.parse(Buffer.from(parsed.data.dsseEnvelope.payload, "base64").toString("utf8")));
  } catch {
    return undefined;
  }
}

/** npm writes `@` of a scope both as it is and as `%40`. */
function samePurl(left: string, right: string): boolean {
  return left === right || left.replace("/@", "/%40") === right;
}
