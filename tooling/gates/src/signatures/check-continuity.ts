import { compare, prerelease, valid } from "semver";
import type { Objection } from "./objection.ts";
import type { PublishedVersion, PublishedVersions } from "./published-versions.ts";

/** When {@link checkContinuity} looks, and how long a new publisher stays an error. */
export interface ContinuityOptions {
  now: Date;
  newPublisherDays: number;
}

/** What the versions before one say of it. */
export interface Continuity {
  objections: Objection[];
  isProvenanceLost: boolean;
  /** The last version before it that had a provenance. */
  attested?: PublishedVersion;
  /** Whether it is so young that what is new about it is an error. */
  isYoung: boolean;
  /** Publisher of the version before it. */
  previousPublisher?: string;
}

const day = 24 * 60 * 60 * 1000;

/** Compares a version with those that were published before it: what they had, it must have, and who published it must be known. */
export function checkContinuity(
  name: string,
  version: PublishedVersion,
  { versions, now, newPublisherDays }: ContinuityOptions & { versions: PublishedVersions },
): Continuity {
  const earlier = earlierVersions(version, versions);
  const previous = earlier.at(-1);
  const line = earlier.filter((candidate) => isPredecessor(candidate.version, version.version));
  const attested = line.findLast(({ hasProvenance }) => hasProvenance);
  const signed = line.findLast(({ signatures }) => signatures.length > 0);
  const isProvenanceLost = attested !== undefined && !version.hasProvenance;
  const objections: Objection[] = [];
  const id = `${name}@${version.version}`;
  if (isProvenanceLost) objections.push(provenanceLost(id, `${name}@${attested.version}`));
  if (signed !== undefined && version.signatures.length === 0) {
    objections.push(signatureLost(id, `${name}@${signed.version}`));
  }
  const isYoung = ageInDays(version, now) <= newPublisherDays;
  if (isNewPublisher(version, earlier)) {
    objections.push({ ...newPublisher(id, version, previous), severity: isYoung ? "error" : "warning" });
  }
  const previousPublisher = previous === undefined ? undefined : publisherOf(previous);
  return {
    objections,
    isProvenanceLost,
    isYoung,
    ...(attested && { attested }),
    ...(previousPublisher !== undefined && { previousPublisher }),
  };
}

/** Who published a version, for a person to read; undefined where the registry does not say. */
export function publisherOf({ publisher, trustedPublisher }: PublishedVersion): string | undefined {
  return trustedPublisher === undefined
    ? publisher
    : `${publisher ?? "somebody"} (trusted publisher ${trustedPublisher})`;
}

/** In the order in which they were published. */
function earlierVersions(version: PublishedVersion, versions: PublishedVersions): PublishedVersion[] {
  const time = publishedAt(version);
  return [...versions.values()]
    .filter((candidate) => candidate !== version && publishedAt(candidate) < time)
    .toSorted((a, b) => publishedAt(a) - publishedAt(b));
}

/** A version of no known time comes after all others: all of them count against it. */
function publishedAt({ published }: PublishedVersion): number {
  return published === undefined ? Number.POSITIVE_INFINITY : Date.parse(published);
}

/** A later patch of an older line comes after a newer major without having lost what only that one had; prereleases come another way. */
function isPredecessor(candidate: string, version: string): boolean {
  if (valid(candidate) === null || valid(version) === null) return false;
  const isComparable = prerelease(candidate) === null || prerelease(version) !== null;
  return isComparable && compare(candidate, version) < 0;
}

/** A service that publishes with provenance in place of people is no new person. */
function isNewPublisher(version: PublishedVersion, earlier: readonly PublishedVersion[]): boolean {
  const { publisher, trustedPublisher, hasProvenance } = version;
  if (publisher === undefined || (trustedPublisher !== undefined && hasProvenance)) return false;
  const known = earlier.flatMap((candidate) => candidate.publisher ?? []);
  return known.length > 0 && !known.includes(publisher);
}

function ageInDays(version: PublishedVersion, now: Date): number {
  return version.published === undefined ? 0 : (now.getTime() - publishedAt(version)) / day;
}

function provenanceLost(id: string, attested: string): Objection {
  return {
    rule: "provenance-lost",
    message: `${id} has no provenance, and ${attested} before it had.`,
    why: "A stolen token publishes from anywhere; only the package's own pipeline makes its provenance.",
    fix: `Go back to ${attested}, or ask its maintainers, and write what they said into a waiver.`,
    severity: "error",
  };
}

function signatureLost(id: string, signed: string): Objection {
  return {
    rule: "signature-lost",
    message: `${id} has no signature of the registry, and ${signed} before it had.`,
    why: "A registry signs everything that it takes: what it did not sign came another way.",
    fix: `Ask the registry for ${id} without the mirror in between, or go back to ${signed}.`,
    severity: "error",
  };
}

function newPublisher(
  id: string,
  version: PublishedVersion,
  previous: PublishedVersion | undefined,
): Omit<Objection, "severity"> {
  const before = previous === undefined ? undefined : publisherOf(previous);
  return {
    rule: "publisher-new",
    message: `${id} was published by ${publisherOf(version)}, who published no version before; the last one was by ${before ?? "nobody that is named"}.`,
    why: "A package that changes hands is how an attacker comes into a tree that trusts it.",
    fix: `Ask in the package's repository whether it changed hands, stay at ${previous?.version ?? "an earlier version"} meanwhile, and write what you found into a waiver.`,
  };
}
