import type { Component } from "../closure/component.ts";
import { packageUrl } from "../closure/package-url.ts";
import { checkBuilder, checkRepository, type ProvenBuild } from "./check-builder.ts";
import type { Continuity } from "./check-continuity.ts";
import { capitalise, type Objection } from "./objection.ts";
import type { PublishedVersion } from "./published-versions.ts";
import type { Part, Surroundings } from "./surroundings.ts";
import { type AttestedVersion, isProvenance, type ProvenanceVerdict, verifyProvenance } from "./verify-provenance.ts";

/** What of a dependency {@link judgeProvenance} looks at. */
export interface ProvenanceFacts {
  published: PublishedVersion;
  continuity: Continuity;
  surroundings: Surroundings;
}

/**
 * Judges who built a dependency: by its provenance, against the repository that it names, and against the version
 * before. What is named and not served is unknown; where a version before had one, that is an error.
 */
export async function judgeProvenance(component: Component, facts: ProvenanceFacts): Promise<Part> {
  const { published, continuity, surroundings } = facts;
  if (!published.hasProvenance) {
    const provenance = continuity.isProvenanceLost ? "lost" : surroundings.servesProvenance ? "none" : "unknown";
    return { facts: { provenance }, objections: [] };
  }
  const { name } = component;
  const verdict = await askProvenance(component, surroundings);
  if (verdict === undefined) {
    const problem = `the registry says that ${component.id} has a provenance, and serves none`;
    return { facts: { note: problem }, objections: [missingProvenance(problem, { name, ...continuity })] };
  }
  if (verdict.provenance === "invalid") {
    const { problem } = verdict;
    return { facts: { provenance: "invalid", note: problem }, objections: [refusedProvenance(problem)] };
  }
  if (verdict.provenance === "served") {
    const note = "who signed its provenance was not verified: the policy has no signatures.trustedRoot";
    return { facts: { provenance: "served", note }, objections: [] };
  }
  const build = { id: component.id, identity: verdict.identity };
  const earlier = await judgeBuilder(build, { ...facts, name });
  return {
    facts: { provenance: "verified", ...build.identity, ...earlier.facts },
    objections: [...checkRepository(build, published.repository), ...earlier.objections],
  };
}

interface Asked extends AttestedVersion {
  name: string;
  version: string;
}

/** The worst that the registry serves; undefined where it serves none. */
async function askProvenance(
  asked: Asked,
  { attestations, verifier }: Surroundings,
): Promise<ProvenanceVerdict | undefined> {
  const served = (await attestations(asked.name, asked.version)) ?? [];
  const verdicts = served
    .filter((attestation) => isProvenance(attestation))
    .map((attestation) => verifyProvenance(attestation, asked, verifier));
  return verdicts.find(({ provenance }) => provenance === "invalid") ?? verdicts[0];
}

/** The registry's word counts for the bytes of the version before: nobody here has pinned them. */
async function judgeBuilder(
  build: ProvenBuild,
  { name, continuity, surroundings }: ProvenanceFacts & { name: string },
): Promise<Part> {
  const { attested, isYoung } = continuity;
  if (attested === undefined) return { facts: {}, objections: [] };
  const { version, integrity } = attested;
  const id = `${name}@${version}`;
  const before = { id, purl: packageUrl(name, version), name, version, ...(integrity !== undefined && { integrity }) };
  const verdict = await askProvenance(before, surroundings);
  if (verdict?.provenance === "verified") {
    return { facts: {}, objections: checkBuilder(build, { id, identity: verdict.identity }, { isYoung }) };
  }
  const reason = verdict?.provenance === "invalid" ? verdict.problem : `the registry serves no provenance of ${id}`;
  const problem = `whether ${build.id} was built by whom ${id} was is unknown: ${reason}`;
  return { facts: { note: problem }, objections: [incomparable(problem, id)] };
}

function refusedProvenance(problem: string): Objection {
  return {
    rule: "provenance-invalid",
    message: `${capitalise(problem)}.`,
    why: "A provenance of something else says nothing of these bytes, and was put there by somebody.",
    fix: "Go back to a version whose provenance holds, and tell the package's maintainers.",
    severity: "error",
  };
}

function missingProvenance(problem: string, { name, attested }: Continuity & { name: string }): Objection {
  const before = attested === undefined ? "" : `, and ${name}@${attested.version} before it had one`;
  return {
    rule: "provenance-unknown",
    message: `${capitalise(problem)}${before}.`,
    why: "What is named and cannot be looked at may be anything.",
    fix: "Use a registry or mirror that serves /-/npm/v1/attestations.",
    severity: attested === undefined ? "warning" : "error",
  };
}

function incomparable(problem: string, before: string): Objection {
  return {
    rule: "builder-unknown",
    message: `${capitalise(problem)}.`,
    why: "A change of who builds a package is how a stolen one shows while its provenance is valid.",
    fix: `Compare the two versions' provenance by hand (\`npm view ${before} dist.attestations\`), or use a registry that serves both.`,
    severity: "warning",
  };
}
