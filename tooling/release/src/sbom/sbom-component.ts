import {
  type Component,
  type Contact,
  type LicenceFact,
  type LicenceStatement,
  printStatement,
} from "@hxp/release-gates";

/** A hash as CycloneDX writes it; `content` is hexadecimal. */
interface SbomHash {
  alg: "SHA-1" | "SHA-256" | "SHA-384" | "SHA-512";
  content: string;
}

type SbomLicence =
  | { expression: string; acknowledgement: "concluded" }
  | { license: { name: string; acknowledgement: "concluded" } };

/** A person or organisation. */
export interface SbomEntity {
  name?: string;
  url?: string[];
  contact?: { name?: string; email?: string }[];
}

/** A component of a CycloneDX document. */
export interface SbomComponent {
  type: "library";
  "bom-ref": string;
  manufacturer?: SbomEntity;
  group?: string;
  name: string;
  version: string;
  description?: string;
  scope?: "required" | "optional";
  hashes?: SbomHash[];
  licenses?: SbomLicence[];
  purl: string;
  externalReferences?: { type: "distribution" | "source-distribution"; url: string; hashes?: SbomHash[] }[];
  properties: { name: string; value: string }[];
}

/** Describes a package; `integrity` is that of its tarball where the lockfile has none. */
export function createComponent(
  component: Component,
  fact: LicenceFact | undefined,
  integrity: string | undefined = component.integrity,
): SbomComponent {
  const { name, version, purl } = component;
  const slash = name.indexOf("/");
  const hashes = readHashes(integrity ?? "");
  const licenses = fact === undefined ? [] : toLicences(fact.statement);
  const maker = createEntity(fact?.contact ?? {});
  return {
    type: "library",
    "bom-ref": purl,
    ...(Object.keys(maker).length === 0 ? {} : { manufacturer: maker }),
    ...(slash === -1 ? {} : { group: name.slice(0, slash) }),
    name: name.slice(slash + 1),
    version,
    scope: component.optional ? "optional" : "required",
    ...(hashes.length === 0 ? {} : { hashes }),
    ...(licenses.length === 0 ? {} : { licenses }),
    purl,
    // The package URL stands for the address: which registry serves the file is the consumer's choice.
    ...(hashes.length === 0 ? {} : { externalReferences: [{ type: "distribution", url: purl, hashes }] }),
    properties: fileProperties(name, version),
  };
}

/** Writes a contact as an organisational entity, with its web address only where it has no e-mail; empty for an empty contact. */
export function createEntity({ name, email, url }: Contact): SbomEntity {
  return {
    ...(name === undefined ? {} : { name }),
    ...(url === undefined || email !== undefined ? {} : { url: [url] }),
    ...(email === undefined ? {} : { contact: [{ ...(name === undefined ? {} : { name }), email }] }),
  };
}

const algorithms = { sha1: "SHA-1", sha256: "SHA-256", sha384: "SHA-384", sha512: "SHA-512" } as const;

/** Reads subresource integrity: `algorithm-base64`, several separated by spaces. */
function readHashes(integrity: string): SbomHash[] {
  return integrity.split(/\s+/).flatMap((part) => {
    const [, algorithm = "", digest = ""] = /^([a-z0-9]+)-([A-Za-z0-9+/]+=*)$/.exec(part) ?? [];
    if (!isAlgorithm(algorithm)) return [];
    return [{ alg: algorithms[algorithm], content: Buffer.from(digest, "base64").toString("hex") }];
  });
}

function isAlgorithm(text: string): text is keyof typeof algorithms {
  return Object.hasOwn(algorithms, text);
}

/**
 * An expression even for a single licence: the schema's list of ids is older than SPDX's own. Concluded, for it is what the
 * licences gate judged, reviewed clarifications included; CycloneDX 1.6 has no room for a second, declared expression.
 */
function toLicences(statement: LicenceStatement): SbomLicence[] {
  if (statement.kind === "missing") return [];
  if (statement.kind === "expression") return [{ expression: statement.expression, acknowledgement: "concluded" }];
  const names = statement.kind === "list" ? statement.expressions : [printStatement(statement)];
  return names.map((name) => ({ license: { name, acknowledgement: "concluded" } }));
}

/** Names and values of the BSI's property taxonomy for TR-03183-2: an npm package is one gzipped tar file. */
function fileProperties(name: string, version: string): SbomComponent["properties"] {
  return [
    { name: "bsi:component:filename", value: `${name.replace(/^@/, "").replace("/", "-")}-${version}.tgz` },
    { name: "bsi:component:executable", value: "non-executable" },
    { name: "bsi:component:archive", value: "archive" },
    { name: "bsi:component:structured", value: "structured" },
  ];
}
