import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ReportData } from "../report-data.ts";
import { compareText } from "../tables/report-table.ts";

interface Document {
  $schema?: unknown;
  specVersion?: unknown;
  metadata?: { timestamp?: unknown; component?: Component; manufacturer?: unknown; tools?: unknown };
  components?: Component[];
  dependencies?: { ref: string; dependsOn?: string[] }[];
}

interface Component {
  "bom-ref": string;
}

/**
 * The release as one CycloneDX document: the packages' own documents, each component once and as its document has it.
 * The serial number is made from the release's id, so the same evidence gives the same bytes.
 */
export function mergeSboms(data: ReportData, evidenceFolder: string): object {
  const documents = data.sboms.map(
    ({ file }) => JSON.parse(readFileSync(join(evidenceFolder, file), "utf8")) as Document,
  );
  const roots = documents.flatMap(({ metadata }) => metadata?.component ?? []);
  const components = new Map(
    [...documents.flatMap((document) => document.components ?? []), ...roots].map((entry) => [entry["bom-ref"], entry]),
  );
  const edges = new Map<string, Set<string>>();
  for (const { ref, dependsOn = [] } of documents.flatMap((document) => document.dependencies ?? [])) {
    edges.set(ref, new Set([...(edges.get(ref) ?? []), ...dependsOn]));
  }
  const release = `urn:hxp:release:${data.id}`;
  edges.set(release, new Set(roots.map((root) => root["bom-ref"])));
  const [first] = documents;
  return {
    $schema: first?.$schema,
    bomFormat: "CycloneDX",
    specVersion: first?.specVersion,
    serialNumber: toUuidUrn(data.id),
    version: 1,
    metadata: {
      timestamp: first?.metadata?.timestamp,
      tools: first?.metadata?.tools,
      manufacturer: first?.metadata?.manufacturer,
      component: { type: "application", "bom-ref": release, name: "release", version: data.id },
    },
    components: [...components.values()].toSorted((left, right) => compareText(left["bom-ref"], right["bom-ref"])),
    dependencies: [...edges]
      .toSorted(([left], [right]) => compareText(left, right))
      .map(([ref, dependsOn]) => ({ ref, dependsOn: [...dependsOn].toSorted(compareText) })),
  };
}

/** A UUID of version 8 (RFC 9562) from the beginning of a digest in hex. */
function toUuidUrn(digest: string): string {
  const hex = `${digest}${"0".repeat(32)}`.slice(0, 32);
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20)];
  return `urn:uuid:${parts.join("-")}`;
}
