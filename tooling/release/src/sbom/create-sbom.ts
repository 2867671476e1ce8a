import { createHash } from "node:crypto";
import type { Contact, LicenceFacts, ProductionClosure } from "@hxp/release-gates";
import { createComponent, createEntity, type SbomComponent, type SbomEntity } from "./sbom-component.ts";

/** What {@link createSbom} takes; the same parts give the same bytes. */
export interface SbomParts {
  /** The released package; `description` is that of its manifest. */
  package: { name: string; version: string; description?: string };
  /** What its consumers install with it. */
  closure: ProductionClosure;
  licences: LicenceFacts;
  /** Of the released tarball, hexadecimal. */
  tarballDigests: { sha512: string; sha256: string };
  /** Integrity (`sha512-…`) of the tarballs of this workspace's other packages, by component id. */
  integrities?: ReadonlyMap<string, string>;
  /** When the commit was made: the SBOM's timestamp. */
  commitTime: Date;
  /** Commit that the package was built from. */
  commit: string;
  /** Address of the repository that has it; default: none is known. */
  repository?: string | undefined;
  /** Versions of what built the package and wrote the SBOM, by name. */
  tools: Readonly<Record<string, string>>;
  /** Who made the SBOM; BSI TR-03183-2 asks for an e-mail address or a URL. */
  creator: Contact;
}

/** A CycloneDX 1.6 bill of materials, as far as it is written here. */
export interface CycloneDx {
  $schema: string;
  bomFormat: "CycloneDX";
  specVersion: "1.6";
  serialNumber: string;
  version: 1;
  metadata: {
    timestamp: string;
    lifecycles: { phase: "build" }[];
    tools: { components: { type: "application"; name: string; version: string }[] };
    manufacturer: SbomEntity;
    component: SbomComponent;
    properties: { name: string; value: string }[];
  };
  components: SbomComponent[];
  dependencies: { ref: string; dependsOn: string[] }[];
  compositions: { aggregate: "complete"; dependencies: string[] }[];
}

/**
 * Writes the bill of materials of one package: CycloneDX 1.6 with what BSI TR-03183-2 asks for, and no vulnerabilities,
 * which change after the release. Serial number and timestamp come from content and commit, so it can be made again.
 * Plain data rather than @cyclonedx/cyclonedx-library, whose models lack the manufacturer of the BOM and sort by locale.
 */
export function createSbom(parts: SbomParts): CycloneDx {
  const content = createContent(parts);
  return { ...content, serialNumber: `urn:uuid:${toUuid(JSON.stringify(content))}` };
}

function createContent(parts: SbomParts): CycloneDx {
  const { closure, commitTime, commit, tools, creator } = parts;
  const components = closure.components.map((component) =>
    createComponent(component, parts.licences.get(component.id), parts.integrities?.get(component.id)),
  );
  const root = createRoot(parts);
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: "",
    version: 1,
    metadata: {
      timestamp: commitTime.toISOString(),
      lifecycles: [{ phase: "build" }],
      tools: {
        components: Object.entries(tools)
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, version]) => ({ type: "application", name, version })),
      },
      manufacturer: createEntity(creator),
      component: root,
      properties: [{ name: "hxp:source:commit", value: commit }],
    },
    components,
    dependencies: createGraph(closure),
    compositions: [{ aggregate: "complete", dependencies: [root, ...components].map((item) => item["bom-ref"]) }],
  };
}

function createRoot(parts: SbomParts): SbomComponent {
  const { closure, licences, tarballDigests, commit, repository } = parts;
  const { name, version, description } = parts.package;
  const integrity = `sha512-${Buffer.from(tarballDigests.sha512, "hex").toString("base64")}`;
  const { root } = closure;
  const component = createComponent({ ...root, name, version, integrity }, licences.get(root.id));
  const hashes = [...(component.hashes ?? []), { alg: "SHA-256" as const, content: tarballDigests.sha256 }];
  const source =
    repository === undefined ? [] : [{ type: "source-distribution" as const, url: `${repository}#${commit}` }];
  const externalReferences = [...(component.externalReferences ?? []), ...source];
  return { ...component, ...(description === undefined ? {} : { description }), hashes, externalReferences };
}

function createGraph({ root, components }: ProductionClosure): CycloneDx["dependencies"] {
  const urls = new Map([root, ...components].map(({ id, purl }) => [id, purl]));
  return [root, ...components].map(({ purl, dependencies }) => ({
    ref: purl,
    dependsOn: [...new Set(dependencies.map(({ id }) => urls.get(id) ?? id))],
  }));
}

/** A UUID of version 8 (RFC 9562), made from the content. */
function toUuid(content: string): string {
  const bytes = createHash("sha256").update(content).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
