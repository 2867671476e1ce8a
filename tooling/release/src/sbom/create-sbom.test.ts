import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import type { Component, LicenceFact, ProductionClosure } from "@hxp/release-gates";
import { describe, expect, test } from "vitest";
import { createSbom, type SbomParts } from "./create-sbom.ts";

const sha512 = "ab".repeat(64);
const integrity = `sha512-${Buffer.from("cd".repeat(64), "hex").toString("base64")}`;

function component(name: string, version: string, change: Partial<Component> = {}): Component {
  const id = `${name}@${version}`;
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  return { id, name, version, purl, integrity, optional: false, dependencies: [], dependencyPaths: [], ...change };
}

const link = (id: string) => ({ name: id.slice(0, id.indexOf("@", 1)), id, optional: false });

const { integrity: _packedOnly, ...own } = component("@acme/library", "1.0.0", { folder: "packages/library" });
const closure: ProductionClosure = {
  root: {
    ...component("@acme/application", "2.0.0", { dependencies: [link("@acme/library@1.0.0"), link("leaf@1.2.0")] }),
    folder: "packages/application",
  },
  components: [
    { ...own, dependencies: [link("leaf@1.2.0")] },
    component("leaf", "1.2.0"),
    component("native-elsewhere", "1.0.0", { optional: true, integrity: "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=" }),
  ],
};

function factOf(id: string, change: Partial<LicenceFact>): [string, LicenceFact] {
  const found = [closure.root, ...closure.components].find((candidate) => candidate.id === id)!;
  return [
    id,
    { component: found, statement: { kind: "missing" }, source: "installed", texts: [], contact: {}, ...change },
  ];
}

const parts: SbomParts = {
  package: { name: "@acme/application", version: "2.0.0", description: "An application" },
  closure,
  licences: new Map([
    factOf("@acme/application@2.0.0", { statement: { kind: "expression", expression: "MIT" } }),
    factOf("leaf@1.2.0", {
      statement: { kind: "expression", expression: "MIT OR Apache-2.0" },
      contact: { name: "Lea F", email: "lea@example.com", url: "https://example.com/lea" },
    }),
    factOf("native-elsewhere@1.0.0", { statement: { kind: "file", file: "LICENSE" } }),
  ]),
  tarballDigests: { sha512, sha256: "ef".repeat(32) },
  integrities: new Map([["@acme/library@1.0.0", integrity]]),
  commitTime: new Date("2026-11-23T12:00:00Z"),
  commit: "0123456789abcdef0123456789abcdef01234567",
  tools: { pnpm: "12.21.0", node: "24.21.0" },
  repository: "git+https://acme.example/application.git",
  creator: { name: "Acme", email: "release@acme.example", url: "https://acme.example/" },
};

const sbom = createSbom(parts);

describe("createSbom", () => {
  test("is valid by the schema that CycloneDX publishes", async () => {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
    expect(await validator.validate(JSON.stringify(sbom))).toBeNull();
    const broken = JSON.stringify({ ...sbom, components: [{ type: "library" }] });
    expect(await validator.validate(broken)).not.toBeNull();
  });

  test("gives the same bytes for the same parts, and another serial number for others", () => {
    const reordered = { ...parts, tools: { node: "24.21.0", pnpm: "12.21.0" } };
    expect(JSON.stringify(createSbom(reordered))).toBe(JSON.stringify(sbom));
    expect(sbom.serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const other = createSbom({ ...parts, tarballDigests: { ...parts.tarballDigests, sha512: "00".repeat(64) } });
    expect(other.serialNumber).not.toBe(sbom.serialNumber);
  });

  test("binds the package to the digests of its tarball, and to its commit", () => {
    const { component: root, timestamp, properties } = sbom.metadata;
    expect(root).toMatchObject({
      group: "@acme",
      name: "application",
      purl: "pkg:npm/%40acme/application@2.0.0",
      hashes: [
        { alg: "SHA-512", content: sha512 },
        { alg: "SHA-256", content: "ef".repeat(32) },
      ],
      externalReferences: [
        { type: "distribution", hashes: [{ alg: "SHA-512", content: sha512 }] },
        { type: "source-distribution", url: `git+https://acme.example/application.git#${parts.commit}` },
      ],
    });
    expect(timestamp).toBe("2026-11-23T12:00:00.000Z");
    expect(properties).toEqual([{ name: "hxp:source:commit", value: parts.commit }]);
  });

  test("has the lockfile's hash of each component, and the plan's for a package of the workspace", () => {
    const hashes = sbom.components.map((entry) => [entry.name, entry.hashes?.map(({ alg }) => alg)]);
    expect(hashes).toEqual([
      ["library", ["SHA-512"]],
      ["leaf", ["SHA-512"]],
      ["native-elsewhere", ["SHA-1"]],
    ]);
    expect(sbom.components[1]!.hashes![0]!.content).toBe("cd".repeat(64));
  });

  test("states licences as they were judged", () => {
    expect(sbom.components.map(({ licenses }) => licenses)).toEqual([
      undefined,
      [{ expression: "MIT OR Apache-2.0", acknowledgement: "concluded" }],
      [{ license: { name: "SEE LICENSE IN LICENSE", acknowledgement: "concluded" } }],
    ]);
  });

  test("says who made the document and each component, and what BSI TR-03183-2 asks of its file", () => {
    expect(sbom.metadata.manufacturer).toEqual({
      name: "Acme",
      contact: [{ name: "Acme", email: "release@acme.example" }],
    });
    expect(sbom.components[1]!.manufacturer!.contact).toEqual([{ name: "Lea F", email: "lea@example.com" }]);
    expect(sbom.metadata.component.properties[0]).toEqual({
      name: "bsi:component:filename",
      value: "acme-application-2.0.0.tgz",
    });
  });

  test("has the whole dependency graph, optional parts marked, and no vulnerabilities", () => {
    expect(sbom.dependencies).toEqual([
      { ref: "pkg:npm/%40acme/application@2.0.0", dependsOn: ["pkg:npm/%40acme/library@1.0.0", "pkg:npm/leaf@1.2.0"] },
      { ref: "pkg:npm/%40acme/library@1.0.0", dependsOn: ["pkg:npm/leaf@1.2.0"] },
      { ref: "pkg:npm/leaf@1.2.0", dependsOn: [] },
      { ref: "pkg:npm/native-elsewhere@1.0.0", dependsOn: [] },
    ]);
    expect(sbom.components.map(({ scope }) => scope)).toEqual(["required", "required", "optional"]);
    expect(sbom).not.toHaveProperty("vulnerabilities");
  });
});
