import type { PackageSbom, SbomEntry } from "../report-data.ts";
import type { EvidenceFolder } from "./evidence-folder.ts";
import { type Sbom, type SbomComponent, sbomSchema } from "./release-schemas.ts";

/** Reads the CycloneDX document of each package of an evidence folder. */
export function readSboms(folder: EvidenceFolder): PackageSbom[] {
  return folder.files
    .filter((file) => /^packages\/[^/]+\/sbom\.cdx\.json$/.test(file))
    .flatMap((file) => {
      const sbom = folder.json(file, sbomSchema, "this package's components are unknown");
      return sbom === undefined ? [] : [toPackageSbom(file, sbom)];
    })
    .toSorted((left, right) => (left.id < right.id ? -1 : 1));
}

function toPackageSbom(file: string, sbom: Sbom): PackageSbom {
  const edges = new Map(sbom.dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
  const { component } = sbom.metadata;
  const components = [component, ...sbom.components].map((entry) => toEntry(entry, edges.get(entry["bom-ref"]) ?? []));
  return {
    id: `${nameOf(component)}@${component.version ?? "?"}`,
    file,
    root: component["bom-ref"],
    specVersion: sbom.specVersion,
    components,
  };
}

function toEntry(component: SbomComponent, dependsOn: readonly string[]): SbomEntry {
  return {
    ref: component["bom-ref"],
    name: nameOf(component),
    version: component.version ?? "",
    licence: licenceOf(component),
    purl: component.purl ?? "",
    supplier: component.manufacturer?.name ?? component.supplier?.name ?? component.manufacturer?.url?.[0] ?? "",
    scope: component.scope ?? "",
    hashes: component.hashes.map(({ alg, content }) => `${alg} ${content}`),
    dependsOn: dependsOn.toSorted(),
  };
}

function nameOf({ group, name }: SbomComponent): string {
  return group === undefined ? name : `${group}/${name}`;
}

function licenceOf({ licenses }: SbomComponent): string {
  const names = licenses.map(({ expression, license }) => expression ?? license?.id ?? license?.name ?? "");
  return names.filter((name) => name !== "").join(" AND ");
}
