import type { Component } from "../closure/component.ts";
import type { Upstream } from "../gate.ts";
import { checkContinuity, type Continuity, publisherOf } from "./check-continuity.ts";
import { checkIntegrity, strongIntegrity } from "./check-integrity.ts";
import type { Objection } from "./objection.ts";
import type { PublishedVersion, PublishedVersions } from "./published-versions.ts";
import type { SigningKeys } from "./signing-keys.ts";
import { isProvenance, type openVerifier, verifyProvenance } from "./verify-provenance.ts";
import { type SignatureVerdict, verifySignatures } from "./verify-signature.ts";

/** What is known of who signed and published one dependency. */
export interface SignatureDetails {
  /** `name@version`. */
  id: string;
  name: string;
  version: string;
  integrity?: string;
  /** Of the registry, over the pinned integrity. */
  signature: "verified" | "invalid" | "unsigned" | "unknown";
  keyid?: string;
  /** `served`: about these bytes, its own signature not verified. `unknown`: the registry serves none, of any dependency. */
  provenance: "verified" | "served" | "invalid" | "lost" | "none" | "unknown";
  builtBy?: string;
  publisher?: string;
  previousPublisher?: string;
  /** Why something is unknown, or not what it was. */
  note?: string;
}

/** What all dependencies are judged with. */
export interface Surroundings {
  /** Undefined for a package that the registry does not serve. */
  published: ReadonlyMap<string, PublishedVersions | undefined>;
  /** What the registry did not answer, with the reason. */
  unreadable: ReadonlyMap<string, string>;
  /** None where nothing can be verified. */
  keys: SigningKeys;
  /** Whether the registry names attestations of anything. */
  servesProvenance: boolean;
  verifier: ReturnType<typeof openVerifier>;
  attestations: Upstream["attestations"];
  newPublisherDays: number;
  now: Date;
}

/** What judging one dependency came to. */
export interface JudgedComponent {
  component: Component;
  details: SignatureDetails;
  objections: Objection[];
}

/** Judges integrity, signature, provenance and continuity of one dependency. */
export async function judgeComponent(component: Component, surroundings: Surroundings): Promise<JudgedComponent> {
  const { name, version } = component;
  // Only what comes from no registry has a purl that says from where.
  const versions = component.purl.includes("?") ? undefined : surroundings.published.get(name);
  const published = versions?.get(version);
  const integrity = checkIntegrity(component, published);
  if (versions === undefined || published === undefined) return judgeUnserved(component, integrity, surroundings);
  const continuity = checkContinuity(name, published, { ...surroundings, versions });
  const signature = judgeSignature(component, published, surroundings.keys);
  const provenance = await judgeProvenance(component, { published, continuity, surroundings });
  const publisher = publisherOf(published);
  const { previousPublisher } = continuity;
  const notes = [signature.facts.note, provenance.facts.note].flatMap((note) => note ?? []);
  const signing = withoutRepetition([...continuity.objections, ...signature.objections]);
  return {
    component,
    details: {
      ...beginDetails(component),
      ...signature.facts,
      ...provenance.facts,
      ...(publisher && { publisher }),
      ...(previousPublisher && { previousPublisher }),
      ...(notes.length > 0 && { note: notes.join("; ") }),
    },
    objections: [...integrity, ...signing, ...provenance.objections],
  };
}

function judgeUnserved(
  component: Component,
  integrity: Objection[],
  { keys, unreadable }: Surroundings,
): JudgedComponent {
  const { id, name, purl } = component;
  const failure = unreadable.get(name);
  const note = failure ?? (purl.includes("?") ? `${id} comes from no registry` : `the registry does not serve ${id}`);
  const isUnsigned = failure === undefined && keys.size > 0;
  return {
    component,
    details: { ...beginDetails(component), note },
    objections: isUnsigned ? [...integrity, unsigned(`${note}, so nobody signed it`)] : integrity,
  };
}

function beginDetails({ id, name, version, integrity }: Component): SignatureDetails {
  const unknown = { signature: "unknown", provenance: "unknown" } as const;
  return { id, name, version, ...(integrity !== undefined && { integrity }), ...unknown };
}

interface Part {
  facts: Partial<SignatureDetails>;
  objections: Objection[];
}

function judgeSignature({ name, integrity }: Component, published: PublishedVersion, keys: SigningKeys): Part {
  const pinned = strongIntegrity(integrity);
  if (keys.size === 0) return { facts: { note: "there is no key to verify its signature with" }, objections: [] };
  if (pinned === undefined)
    return { facts: { note: "there is no SHA-512 that it could be signed over" }, objections: [] };
  const verdict = verifySignatures(name, { ...published, integrity: pinned }, keys);
  if (verdict.signature === "verified") return { facts: verdict, objections: [] };
  const { signature, problem } = verdict;
  return { facts: { signature, note: problem }, objections: [refusedSignature(verdict)] };
}

async function judgeProvenance(
  component: Component,
  facts: { published: PublishedVersion; continuity: Continuity; surroundings: Surroundings },
): Promise<Part> {
  const { published, continuity, surroundings } = facts;
  if (!published.hasProvenance) {
    const provenance = continuity.isProvenanceLost ? "lost" : surroundings.servesProvenance ? "none" : "unknown";
    return { facts: { provenance }, objections: [] };
  }
  const served = await surroundings.attestations(component.name, component.version);
  const provenances = (served ?? []).filter((attestation) => isProvenance(attestation));
  const verdicts = provenances.map((attestation) => verifyProvenance(attestation, component, surroundings.verifier));
  const invalid = verdicts.find(({ provenance }) => provenance === "invalid");
  if (invalid?.provenance === "invalid") {
    const { problem } = invalid;
    return { facts: { provenance: "invalid", note: problem }, objections: [refusedProvenance(problem)] };
  }
  const [first] = verdicts;
  if (first !== undefined) return { facts: first, objections: [] };
  const problem = `the registry says that ${component.id} has a provenance, and serves none`;
  return { facts: { note: problem }, objections: [missingProvenance(problem)] };
}

/** A signature that was lost is missing, too: once is enough. */
function withoutRepetition(objections: readonly Objection[]): Objection[] {
  const isLost = objections.some(({ rule }) => rule === "signature-lost");
  return objections.filter(({ rule }) => !(isLost && rule === "signature-missing"));
}

const askElsewhere =
  "Compare with the registry itself, without the mirror in between, and depend on a version that it signs.";

function unsigned(problem: string): Objection {
  return refusedSignature({ signature: "unsigned", rule: "signature-missing", problem });
}

function refusedSignature({ rule, problem }: Exclude<SignatureVerdict, { signature: "verified" }>): Objection {
  return {
    rule,
    message: `${capitalise(problem)}.`,
    why: "The registry signs what it takes; what is not signed by its key did not come from there as it is.",
    fix: askElsewhere,
    severity: "error",
  };
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

function missingProvenance(problem: string): Objection {
  return {
    rule: "provenance-unknown",
    message: `${capitalise(problem)}.`,
    why: "What is named and cannot be looked at may be anything.",
    fix: "Use a registry or mirror that serves /-/npm/v1/attestations.",
    severity: "warning",
  };
}

function capitalise(text: string): string {
  return text.startsWith("the ") ? `T${text.slice(1)}` : text;
}
