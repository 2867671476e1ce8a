import { createHash } from "node:crypto";
import { findWaiver } from "../apply-waivers.ts";
import type { ProductionClosure } from "../closure/component.ts";
import type { Finding, GateInput } from "../gate.ts";
import { compareText } from "../text/compare-text.ts";
import type { PackageKind } from "../policy/licences-policy.ts";
import type { LicenceFact } from "./licence-fact.ts";
import type { LicenceVerdict } from "./judge-licence.ts";
import type { ReleaseLicences } from "./read-release-licences.ts";

/** What the gate `licences` saw, for the report. */
export type LicencesDetails = {
  /** Every package of every closure, the released ones included; ordered by id. */
  packages: LicenceDetail[];
  /** Texts by the SHA-256 of their UTF-8, hexadecimal: each once, however many packages have it. */
  texts: Record<string, string>;
};

/** One package and its licence. */
export type LicenceDetail = {
  id: string;
  name: string;
  version: string;
  /** As stated, clarified or read from the text; `none` where nothing is known. */
  licence: string;
  source: LicenceFact["source"];
  kind: PackageKind;
  allowed: boolean;
  optional: boolean;
  /** Steps from the nearest released package; 0 is one of them. */
  depth: number;
  /** Released packages that install it. */
  usedBy: string[];
  /** Ways to it as ids, a released package first; at most five, the shortest. */
  paths: string[][];
  /** Why it is not allowed, or what is odd about it. */
  problem?: string;
  texts: { file: string; digest: string; recognised?: string[] }[];
  /** The waiver that lets it pass. */
  exception?: { owner: string; reason: string; expires: string };
};

/** More ways to a package help nobody. */
const maximumPaths = 5;

/** Puts together what is known of each package; `findings` are the gate's, for the exceptions that cover them. */
export function describeLicences(
  licences: ReleaseLicences,
  findings: readonly Finding[],
  input: Pick<GateInput, "policy" | "now">,
): LicencesDetails {
  const texts: Record<string, string> = {};
  const places = findPlaces(licences.closures);
  const objections = Map.groupBy(findings, ({ dependency }) => dependency);
  const packages = licences.verdicts.map((verdict): LicenceDetail => {
    const fact = licences.facts.get(verdict.id);
    for (const { text } of fact?.texts ?? []) texts[digestOf(text)] = text;
    const exception = exceptionFor(objections.get(verdict.id) ?? [], input);
    return describePackage(verdict, { fact, places: places.get(verdict.id) ?? [], exception });
  });
  return { packages, texts: Object.fromEntries(Object.entries(texts).toSorted(([a], [b]) => compareText(a, b))) };
}

/** A package in one closure. */
interface Place {
  usedBy: string;
  paths: string[][];
}

function findPlaces(closures: readonly ProductionClosure[]): Map<string, Place[]> {
  const places = new Map<string, Place[]>();
  for (const { root, components } of closures) {
    for (const { id, dependencyPaths } of [root, ...components]) {
      const place = { usedBy: root.name, paths: id === root.id ? [[root.id]] : dependencyPaths };
      const known = places.get(id);
      if (known === undefined) places.set(id, [place]);
      else known.push(place);
    }
  }
  return places;
}

interface PackageParts {
  fact: LicenceFact | undefined;
  places: readonly Place[];
  exception: LicenceDetail["exception"];
}

function describePackage(verdict: LicenceVerdict, { fact, places, exception }: PackageParts): LicenceDetail {
  const { id, name, version, licence, source, kind, allowed, optional, problem, doubt } = verdict;
  const paths = places
    .flatMap((place) => place.paths)
    .toSorted((a, b) => a.length - b.length || compareText(a.join(), b.join()));
  const text = (problem ?? doubt)?.message;
  return {
    id,
    name,
    version,
    licence,
    source,
    kind,
    allowed,
    optional,
    depth: Math.max(0, (paths[0]?.length ?? 1) - 1),
    usedBy: [...new Set(places.map(({ usedBy }) => usedBy))].toSorted(),
    paths: paths.slice(0, maximumPaths),
    ...(text === undefined ? {} : { problem: text }),
    texts: (fact?.texts ?? []).map((entry) => describeText(entry, fact)),
    ...(exception === undefined ? {} : { exception }),
  };
}

function describeText(
  { file, text }: LicenceFact["texts"][number],
  fact: LicenceFact | undefined,
): LicenceDetail["texts"][number] {
  const recognised = fact?.recognised?.find((candidate) => candidate.file === file)?.licences ?? [];
  return { file, digest: digestOf(text), ...(recognised.length === 0 ? {} : { recognised }) };
}

/** The waiver of a package's findings, if each of them has one. */
function exceptionFor(
  findings: readonly Finding[],
  input: Pick<GateInput, "policy" | "now">,
): LicenceDetail["exception"] {
  const errors = findings.filter(({ severity }) => severity === "error");
  const waivers = errors.map((finding) => findWaiver(finding, input));
  const [first] = waivers;
  if (first === undefined || waivers.includes(undefined)) return undefined;
  const { owner, reason, expires } = first;
  return { owner, reason, expires };
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
