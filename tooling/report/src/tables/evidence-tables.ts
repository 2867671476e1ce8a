import type { ReportData, SbomEntry } from "../report-data.ts";
import { compareText, type ReportTable } from "./report-table.ts";

/** Every component of every SBOM of the release, once. */
export function createComponentsTable({ sboms }: ReportData): ReportTable {
  const found = new Map<string, { entry: SbomEntry; usedBy: string[] }>();
  for (const { id, components } of sboms) {
    for (const entry of components) {
      const known = found.get(entry.ref);
      found.set(entry.ref, { entry, usedBy: [...(known?.usedBy ?? []), id] });
    }
  }
  return {
    id: "components",
    title: "Components",
    columns: [
      { id: "component", title: "Component", type: "text", width: 230 },
      { id: "version", title: "Version", type: "text", width: 90 },
      { id: "licence", title: "Licence", type: "text", width: 150, groups: true },
      { id: "supplier", title: "Supplier", type: "text", width: 190, groups: true },
      { id: "dependsOn", title: "Depends on", type: "number", width: 112 },
      { id: "usedBy", title: "In SBOMs", type: "number", width: 96 },
      { id: "hash", title: "Digest", type: "digest", width: 230 },
      { id: "purl", title: "Package URL", type: "text", width: 280 },
    ],
    rows: [...found.values()]
      .toSorted((left, right) => compareText(left.entry.ref, right.entry.ref))
      .map(({ entry, usedBy }) => ({
        key: entry.ref,
        values: {
          component: entry.name,
          version: entry.version,
          licence: entry.licence || null,
          supplier: entry.supplier || null,
          dependsOn: entry.dependsOn.length,
          usedBy: usedBy.length,
          hash: entry.hashes[0] ?? null,
          purl: entry.purl || null,
        },
      })),
  };
}

/** What bundles of the evidence claim; the pages verify it beside. */
export function createStatementsTable({ signed }: ReportData): ReportTable {
  return {
    id: "statements",
    title: "Signed statements",
    columns: [
      { id: "file", title: "File", type: "text", width: 270 },
      { id: "kind", title: "Statement", type: "text", width: 150, groups: true },
      { id: "subjects", title: "Subjects", type: "number", width: 92 },
      { id: "signedBy", title: "Key", type: "text", width: 80, groups: true },
      { id: "logIndex", title: "Log entry", type: "number", width: 96 },
      { id: "loggedAt", title: "Logged", type: "date", width: 166 },
    ],
    rows: signed.map((entry) => ({
      key: entry.file,
      values: {
        file: entry.file,
        kind: nameOfPredicate(entry.predicateType),
        subjects: entry.subjects,
        signedBy: entry.signedBy ?? (entry.hint || "a certificate"),
        logIndex: entry.logIndex ?? null,
        loggedAt: entry.loggedAt ?? null,
      },
    })),
  };
}

/** Whether the registry vouches for the dependencies that it served. */
export function createRegistrySignaturesTable({ details }: ReportData): ReportTable {
  return {
    id: "registry-signatures",
    title: "Registry signatures of dependencies",
    columns: [
      { id: "package", title: "Package", type: "text", width: 230 },
      { id: "version", title: "Version", type: "text", width: 90 },
      { id: "signature", title: "Signature", type: "verdict", width: 120, groups: true },
      { id: "provenance", title: "Provenance", type: "verdict", width: 120, groups: true },
      { id: "builtBy", title: "Built by", type: "text", width: 300 },
      { id: "builtFrom", title: "Built from", type: "text", width: 300 },
      { id: "publisher", title: "Publisher", type: "text", width: 180, groups: true },
      { id: "previousPublisher", title: "Published before by", type: "text", width: 180 },
      { id: "integrity", title: "Integrity", type: "digest", width: 230 },
      { id: "note", title: "Note", type: "text", width: 320 },
    ],
    rows: (details.signatures?.packages ?? []).map((entry) => ({
      key: entry.id,
      values: {
        package: entry.name,
        version: entry.version,
        signature: capitalise(entry.signature),
        provenance: capitalise(entry.provenance),
        builtBy: entry.workflow ?? entry.builtBy ?? null,
        builtFrom: [entry.repository, entry.commit].filter((part) => part !== undefined).join(" at ") || null,
        publisher: entry.publisher ?? null,
        previousPublisher: entry.previousPublisher ?? null,
        integrity: entry.integrity ?? null,
        note: entry.note ?? null,
      },
    })),
  };
}

const predicates: readonly [RegExp, string][] = [
  [/\/predicates\/release-plan\//, "Release plan"],
  [/\/predicates\/release-record\//, "Release record"],
  [/^https:\/\/slsa\.dev\/provenance\//, "SLSA provenance"],
  [/^https:\/\/slsa\.dev\/verification_summary\//, "SLSA verification summary"],
  [/^https:\/\/cyclonedx\.org\/bom/, "CycloneDX SBOM"],
  [/^https:\/\/in-toto\.io\/attestation\/test-result\//, "Test result"],
];

/** What kind of statement a predicate type is, in words; the type itself where it is none of ours. */
function nameOfPredicate(predicateType: string): string {
  return predicates.find(([pattern]) => pattern.test(predicateType))?.[1] ?? predicateType;
}

function capitalise(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
