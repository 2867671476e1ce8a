import { createHash } from "node:crypto";
import { type EvidenceShape, type MadePackage, makeDependencies } from "./make-details.ts";

/** A CycloneDX document for a made package. */
export function makeSbom({ name, version, bytes }: MadePackage, shape: EvidenceShape): object {
  const dependencies = makeDependencies(shape);
  const refOf = (id: string): string => `pkg:npm/${id.replace("@", "%40")}`;
  const root = { ...component(name, version, "MIT"), hashes: [hash(bytes)] };
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { timestamp: "2026-11-25T21:00:00.000Z", component: root },
    components: dependencies.map((entry) => component(entry.name, entry.version, entry.licence)),
    dependencies: [
      {
        ref: root["bom-ref"],
        dependsOn: dependencies
          .filter(({ depth }) => depth === 1)
          .map((entry) => `${refOf(entry.name)}@${entry.version}`),
      },
      ...dependencies.map((entry) => ({
        ref: `${refOf(entry.name)}@${entry.version}`,
        dependsOn: entry.needs.map((needed) => {
          const found = dependencies.find((candidate) => candidate.name === needed);
          return `${refOf(needed)}@${found?.version}`;
        }),
      })),
    ],
  };
}

function component(fullName: string, version: string, licence: string) {
  const [name = fullName, group] = fullName.split("/").toReversed();
  const purl = `pkg:npm/${fullName.replace("@", "%40")}@${version}`;
  return {
    type: "library",
    "bom-ref": purl,
    ...(group === undefined ? {} : { group }),
    name,
    version,
    scope: "required",
    hashes: [hash(Buffer.from(`${fullName}@${version}`))],
    licenses: [{ expression: licence }],
    purl,
    manufacturer: { name: "Maintainers of it" },
  };
}

function hash(bytes: Buffer) {
  return { alg: "SHA-512", content: createHash("sha512").update(bytes).digest("hex") };
}
