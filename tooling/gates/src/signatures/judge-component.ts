import type { Component } from "../closure/component.ts";
import { checkContinuity, publisherOf } from "./check-continuity.ts";
import { checkIntegrity, strongIntegrity } from "./check-integrity.ts";
import { judgeProvenance } from "./judge-provenance.ts";
import { capitalise, type Objection } from "./objection.ts";
import type { PublishedVersion } from "./published-versions.ts";
import type { SigningKeys } from "./signing-keys.ts";
import type { SignatureDetails } from "./signatures-details.ts";
import type { Part, Surroundings } from "./surroundings.ts";
import { type SignatureVerdict, verifySignatures } from "./verify-signature.ts";

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
