import { createHash } from "node:crypto";
import type { ReportData, SbomEntry } from "../report-data.ts";
import { timeOfRelease } from "../tables/dependency-facts.ts";
import { compareText } from "../tables/report-table.ts";

const base = "https://github.com/hxp-enterprise/hxp/spdx";

/**
 * The release as an SPDX 3.0.1 document in JSON-LD, of the profiles core, software and simpleLicensing: a package for
 * each component, its licence as an expression, and what depends on what. The same evidence gives the same bytes.
 */
export function createSpdx(data: ReportData): object {
  const namespace = `${base}/${data.id}`;
  const entries = [...new Map(data.sboms.flatMap(({ components }) => components.map((entry) => [entry.ref, entry])))]
    .map(([, entry]) => entry)
    .toSorted((left, right) => compareText(left.ref, right.ref));
  const idOf = (ref: string): string => `${namespace}/package/${shortDigest(ref)}`;
  const roots = data.sboms.map(({ root }) => idOf(root)).toSorted(compareText);
  const organisation = `${namespace}/agent`;
  const elements = [
    { type: "Organization", spdxId: organisation, creationInfo, name: supplierOf(data) },
    ...entries.map((entry) => toPackage(entry, idOf(entry.ref))),
    ...licencesOf(entries, namespace),
    ...entries.flatMap((entry) => toRelationships(entry, { idOf, namespace })),
  ];
  const ids = elements.map(({ spdxId }) => spdxId);
  const sbom = `${namespace}/sbom`;
  return {
    "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
    "@graph": [
      {
        type: "CreationInfo",
        "@id": creationInfo,
        specVersion: "3.0.1",
        created: toWholeSecond(timeOfRelease(data)),
        createdBy: [organisation],
      },
      {
        type: "SpdxDocument",
        spdxId: `${namespace}/document`,
        creationInfo,
        name: `release ${data.id}`,
        profileConformance: ["core", "software", "simpleLicensing"],
        rootElement: [sbom],
        element: [...ids, sbom].toSorted(compareText),
      },
      {
        type: "software_Sbom",
        spdxId: sbom,
        creationInfo,
        software_sbomType: ["build"],
        rootElement: roots,
        element: ids.toSorted(compareText),
      },
      ...elements,
    ],
  };
}

const creationInfo = "_:creation";

interface Naming {
  idOf: (ref: string) => string;
  namespace: string;
}

function toPackage({ name, version, purl, hashes }: SbomEntry, spdxId: string) {
  const verifiedUsing = hashes.flatMap((hash) => {
    const [algorithm = "", hashValue = ""] = hash.split(" ");
    const known = hashAlgorithms[algorithm];
    return known === undefined ? [] : [{ type: "Hash", algorithm: known, hashValue }];
  });
  return {
    type: "software_Package",
    spdxId,
    creationInfo,
    name,
    ...(version === "" ? {} : { software_packageVersion: version }),
    ...(purl === "" ? {} : { software_packageUrl: purl }),
    ...(verifiedUsing.length === 0 ? {} : { verifiedUsing }),
  };
}

const hashAlgorithms: Readonly<Record<string, string>> = {
  "SHA-512": "sha512",
  "SHA-384": "sha384",
  "SHA-256": "sha256",
  "SHA-1": "sha1",
};

function licencesOf(entries: readonly SbomEntry[], namespace: string) {
  const expressions = [...new Set(entries.map(({ licence }) => licence).filter((licence) => licence !== ""))];
  return expressions.toSorted(compareText).map((expression) => ({
    type: "simplelicensing_LicenseExpression",
    spdxId: licenceId(expression, namespace),
    creationInfo,
    simplelicensing_licenseExpression: expression,
  }));
}

function toRelationships({ ref, licence, dependsOn }: SbomEntry, { idOf, namespace }: Naming) {
  const from = idOf(ref);
  const relate = (relationshipType: string, to: readonly string[]) => ({
    type: "Relationship",
    spdxId: `${namespace}/relationship/${shortDigest(`${relationshipType} ${ref}`)}`,
    creationInfo,
    from,
    relationshipType,
    to,
  });
  return [
    ...(dependsOn.length === 0 ? [] : [relate("dependsOn", dependsOn.map(idOf).toSorted(compareText))]),
    ...(licence === "" ? [] : [relate("hasDeclaredLicense", [licenceId(licence, namespace)])]),
  ];
}

function licenceId(expression: string, namespace: string): string {
  return `${namespace}/licence/${shortDigest(expression)}`;
}

function supplierOf({ sboms }: ReportData): string {
  const [first] = sboms;
  return first?.components.find(({ ref }) => ref === first.root)?.supplier || "unknown";
}

function toWholeSecond(time: string | undefined): string {
  return new Date(Math.floor(Date.parse(time ?? "1970-01-01T00:00:00Z") / 1000) * 1000)
    .toISOString()
    .replace(".000Z", "Z");
}

function shortDigest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
