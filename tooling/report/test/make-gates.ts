import { type EvidenceShape, hashOf, makeCompatibility, makeDependencies, makePackages } from "./make-details.ts";

const policyDigest = `sha256:${hashOf("policy")}`;
const mitText = "Permission is hereby granted, free of charge, to any person obtaining a copy of this software …";

/** Results of all gates, as they write them to `gates/`. */
export function makeGates(shape: EvidenceShape): object[] {
  const { hostile = "" } = shape;
  return [
    result("contents", { checked: 41, details: makeContents(shape) }),
    result("api", {
      verdict: "failed",
      checked: 4,
      details: makeApi(shape),
      findings: [
        {
          gate: "api",
          rule: "bump-too-small",
          package: "@acme/storage",
          where: `openStorage ${hostile}`,
          message: "A parameter became required, and the release calls it a patch.",
          why: "Who installs the patch gets a program that no longer compiles.",
          fix: "Write a changeset that says major for @acme/storage.",
          severity: "error",
        },
      ],
    }),
    result("licences", { checked: 9, details: makeLicences(shape), findings: [makeWaived()], verdict: "waived" }),
    result("advisories", {
      verdict: "not-run",
      checked: 0,
      reason: `No advisory database is imported. Import one: pnpm release advisories import <file> ${hostile}`,
      details: makeAdvisories(shape),
    }),
    result("signatures", { checked: 9, details: makeSignatures(shape) }),
    result("conflicts", { checked: 9, details: makeConflicts(shape) }),
    result("docs", {
      checked: 12,
      details: {
        documents: [{ path: "README.md", links: 14, commands: 6, snippets: 2, unknown: [hostile].filter(Boolean) }],
      },
    }),
    result("rebuild", { checked: 4 }),
    result("compatibility", { checked: 72, details: makeCompatibility(shape) }),
  ];
}

function result(gate: string, fields: object): object {
  const startedAt = "2026-11-25T21:03:00.000Z";
  const inputs = [{ name: "pnpm-lock.yaml", digest: `sha256:${hashOf("lockfile")}` }];
  return { gate, verdict: "passed", findings: [], inputs, policyDigest, startedAt, durationMs: 1840, ...fields };
}

function makeWaived(): object {
  const waiver = {
    gate: "licences",
    rule: "refused",
    dependency: "pako@1.0.11",
    owner: "legal@acme.example",
    reason: "Zlib is permissive; the policy learns it with the next review.",
    expires: "2027-01-15",
  };
  return {
    gate: "licences",
    rule: "refused",
    where: "@acme/gateway > jszip > pako",
    message: "pako is under (MIT AND Zlib), and the policy does not allow Zlib.",
    why: "A licence that nobody has read may ask for something that nobody does.",
    fix: "Replace it, or write a waiver.",
    severity: "error",
    waiver,
  };
}

function makeLicences(shape: EvidenceShape) {
  const digest = hashOf(mitText + (shape.hostile ?? ""));
  return {
    packages: makeDependencies(shape).map(({ name, version, licence, depth }) => ({
      id: `${name}@${version}`,
      name,
      version,
      licence,
      source: name === "leven" ? "text" : "metadata",
      allowed: name !== "pako",
      optional: false,
      kind: "code",
      depth,
      usedBy: ["@acme/gateway", "@acme/cli"],
      paths: [["@acme/gateway@1.4.0", ...(depth === 2 ? ["jszip@3.10.1"] : []), `${name}@${version}`]],
      ...(name === "pako" && { problem: "Zlib is not among the licences that the policy allows" }),
      texts: [{ file: "LICENSE", digest: `sha256:${digest}` }],
    })),
    texts: { [digest]: mitText + (shape.hostile ?? "") },
    disagreements: [{ id: "leven@4.1.0", ours: "MIT", theirs: "UNKNOWN", message: "The manifest names no licence." }],
  };
}

function makeAdvisories({ hostile = "", isPrevious = false }: EvidenceShape) {
  const statement = {
    status: "not_affected",
    justification: "vulnerable_code_not_in_execute_path",
    owner: "security@acme.example",
    reason: "Archives are written by us and never read from a request.",
    expires: "2027-02-01",
  };
  const match = {
    advisory: "GHSA-36fh-84j7-cv5h",
    aliases: ["CVE-2022-48285"],
    summary: `Path traversal when an archive is unpacked. ${hostile}`,
    severity: "high",
    score: 7.3,
    id: "jszip@3.10.1",
    name: "jszip",
    version: "3.10.1",
    fixedIn: ["3.11.0"],
    usedBy: ["@acme/gateway"],
    paths: [["@acme/gateway@1.4.0", "jszip@3.10.1"]],
    reachable: "no",
    why: "loadAsync is imported nowhere",
    statement,
    verdict: "answered",
  };
  const { statement: _, ...rest } = match;
  const open = {
    ...rest,
    advisory: "GHSA-0000-0000-0001",
    aliases: [],
    severity: "moderate",
    reachable: "unknown",
    verdict: "open",
  };
  return {
    database: {
      name: "OSV npm",
      digest: `sha256:${hashOf("osv")}`,
      importedAt: "2026-11-24T08:00:00.000Z",
      modified: "2026-11-24T06:12:44.000Z",
      entries: 218_404,
    },
    checked: 9,
    matches: isPrevious ? [match] : [match, open],
  };
}

function makeSignatures(shape: EvidenceShape) {
  return {
    packages: makeDependencies(shape).map(({ name, version }, index) => ({
      id: `${name}@${version}`,
      name,
      version,
      integrity: `sha512-${Buffer.from(hashOf(name)).toString("base64")}`,
      signature: index % 4 === 3 ? "unsigned" : "verified",
      ...(index % 3 === 0 ? makeProvenance(name, version) : { provenance: "none" }),
      publisher: "npm-maintainer",
    })),
  };
}

function makeProvenance(name: string, version: string) {
  const repository = `https://git.acme.example/${name}`;
  const workflow = `${repository}/.github/workflows/release.yml@refs/tags/v${version}`;
  return { provenance: "verified", repository, workflow, commit: hashOf(name).slice(0, 40) };
}

function makeConflicts(shape: EvidenceShape) {
  return {
    packages: makeDependencies(shape).map(({ name, version, licence, published, depth }) => ({
      id: `${name}@${version}`,
      name,
      version,
      licence,
      published,
      latest: version,
      hasInstallScript: false,
      depth,
      usedBy: ["@acme/gateway", "@acme/cli"],
    })),
  };
}

function makeApi(shape: EvidenceShape) {
  return {
    packages: makePackages(shape)
      .slice(0, 4)
      .map(({ name, version }, index) => ({
        name,
        from: "1.3.0",
        to: version,
        declared: index === 1 ? "patch" : "minor",
        least: index === 1 ? "major" : "minor",
        changes: [
          {
            kind: index === 1 ? "declarations" : "exports",
            where: index === 1 ? `openStorage ${shape.hostile ?? ""}` : "./testing",
            change: index === 1 ? "narrowed" : "added",
            ...(index === 1 && { before: "(url?: string) => Promise<Storage>" }),
            after: index === 1 ? "(url: string) => Promise<Storage>" : "./dist/testing.js",
            bump: index === 1 ? "major" : "minor",
            reason: index === 1 ? "Callers without a url no longer compile." : "A new subpath.",
          },
        ],
      })),
  };
}

function makeContents(shape: EvidenceShape) {
  return {
    packages: makePackages(shape)
      .slice(0, 4)
      .map(({ name, version }, index) => ({
        name,
        from: "1.3.0",
        to: version,
        packedBytes: 43_000 + index * 900,
        unpackedBytes: 181_000 + index * 4100,
        files: [
          { path: "package.json", bytes: 1412, change: "changed", bytesBefore: 1398, digest: `sha256:${hashOf(name)}` },
          {
            path: `dist/index.js${shape.hostile ?? ""}`,
            bytes: 40_112,
            change: "changed",
            bytesBefore: 39_002,
            digest: `sha256:${hashOf(`${name} js`)}`,
          },
          { path: "dist/testing.js", bytes: 2210, change: "added", digest: `sha256:${hashOf(`${name} testing`)}` },
          {
            path: "README.md",
            bytes: 3011,
            change: "same",
            bytesBefore: 3011,
            digest: `sha256:${hashOf(`${name} readme`)}`,
          },
        ],
        capabilities:
          index === 0
            ? [
                {
                  capability: "network",
                  file: "dist/index.js",
                  evidence: 'import { createServer } from "node:http"',
                  change: "same",
                },
                {
                  capability: "environment",
                  file: "dist/index.js",
                  evidence: "process.env.ACME_TOKEN",
                  change: "added",
                },
              ]
            : [],
        dependencies: [{ name: "ws", range: "^8.22.0", change: "added" }],
      })),
  };
}
