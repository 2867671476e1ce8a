import type { ReportData } from "../report-data.ts";
import type { ReportTable } from "./report-table.ts";

/** The licence of each package of the closure, and what the policy says of it. */
export function createLicencesTable({ details }: ReportData): ReportTable {
  return {
    id: "licences",
    title: "Licences",
    columns: [
      { id: "package", title: "Package", type: "text", width: 200 },
      { id: "version", title: "Version", type: "text", width: 80 },
      { id: "licence", title: "Licence", type: "text", width: 190, groups: true },
      { id: "verdict", title: "Policy", type: "verdict", width: 116, groups: true },
      { id: "source", title: "Known from", type: "text", width: 106, groups: true },
      { id: "kind", title: "Kind", type: "text", width: 70, groups: true },
      { id: "texts", title: "Texts", type: "number", width: 66 },
      { id: "depth", title: "Depth", type: "number", width: 70, groups: true },
      { id: "optional", title: "Optional", type: "text", width: 84 },
      { id: "usedBy", title: "Used by", type: "text", width: 220 },
      { id: "problem", title: "Problem", type: "text", width: 260 },
    ],
    rows: (details.licences?.packages ?? []).map((entry) => ({
      key: entry.id,
      values: {
        package: entry.name,
        version: entry.version,
        licence: entry.licence ?? "unknown",
        verdict: wordAllowed(entry),
        kind: entry.kind ?? null,
        source: entry.source ?? null,
        texts: entry.texts.length,
        optional: entry.optional === undefined ? null : entry.optional ? "yes" : "no",
        depth: entry.depth ?? null,
        usedBy: entry.usedBy.join(", "),
        problem: entry.problem ?? null,
      },
    })),
  };
}

function wordAllowed({ allowed, exception }: { allowed?: boolean | undefined; exception?: unknown }): string {
  if (exception !== undefined) return "Exception";
  if (allowed === undefined) return "Unknown";
  return allowed ? "Allowed" : "Refused";
}

/** Advisories that match packages of the closure, with what was decided. */
export function createAdvisoriesTable({ details }: ReportData): ReportTable {
  return {
    id: "advisories",
    title: "Advisories",
    columns: [
      { id: "advisory", title: "Advisory", type: "text", width: 180 },
      { id: "severity", title: "Severity", type: "verdict", width: 122, groups: true },
      { id: "package", title: "Package", type: "text", width: 130, groups: true },
      { id: "version", title: "Version", type: "text", width: 80 },
      { id: "verdict", title: "State", type: "verdict", width: 122, groups: true },
      { id: "reachable", title: "Reachable", type: "text", width: 100, groups: true },
      { id: "status", title: "VEX status", type: "text", width: 150, groups: true },
      { id: "expires", title: "Statement ends", type: "date", width: 130 },
      { id: "owner", title: "Owner", type: "text", width: 200 },
      { id: "summary", title: "Summary", type: "text", width: 380 },
      { id: "fixedIn", title: "Fixed in", type: "text", width: 110 },
      { id: "aliases", title: "Also", type: "text", width: 150 },
    ],
    rows: (details.advisories?.matches ?? []).map((match) => ({
      key: `${match.advisory} ${match.id}`,
      values: {
        advisory: match.advisory,
        severity: capitalise(match.severity),
        package: match.name,
        version: match.version,
        verdict: capitalise(match.verdict),
        reachable: match.reachable,
        status: match.statement?.status ?? null,
        expires: match.statement?.expires ?? null,
        owner: match.statement?.owner ?? null,
        summary: match.summary,
        fixedIn: match.fixedIn.join(", "),
        aliases: match.aliases.join(", "),
      },
    })),
  };
}

/** Every change of what packages promise to their users. */
export function createApiTable({ details }: ReportData): ReportTable {
  return {
    id: "api",
    title: "API changes",
    columns: [
      { id: "package", title: "Package", type: "text", width: 200, groups: true },
      { id: "bump", title: "Asks for", type: "text", width: 90, groups: true, description: "Least bump for it" },
      { id: "kind", title: "Kind", type: "text", width: 120, groups: true },
      { id: "change", title: "Change", type: "text", width: 100, groups: true },
      { id: "where", title: "Where", type: "text", width: 200 },
      { id: "before", title: "Before", type: "code", width: 250 },
      { id: "after", title: "After", type: "code", width: 250 },
      { id: "reason", title: "Reason", type: "text", width: 340 },
    ],
    rows: (details.api?.packages ?? []).flatMap(({ name, changes }) =>
      changes.map((change, index) => ({
        key: `${name} ${index}`,
        values: {
          package: name,
          bump: change.bump,
          kind: change.kind,
          change: change.change,
          where: change.where,
          before: change.before ?? null,
          after: change.after ?? null,
          reason: change.reason,
        },
      })),
    ),
  };
}

/** Every file of every tarball, against the last release. */
export function createContentsTable({ details }: ReportData): ReportTable {
  return {
    id: "contents",
    title: "Files",
    columns: [
      { id: "package", title: "Package", type: "text", width: 200, groups: true },
      { id: "path", title: "File", type: "text", width: 300 },
      { id: "change", title: "Change", type: "text", width: 110, groups: true },
      { id: "bytesBefore", title: "Before", type: "bytes" },
      { id: "bytes", title: "Now", type: "bytes" },
      { id: "digest", title: "Digest", type: "digest", width: 260 },
    ],
    rows: (details.contents?.packages ?? []).flatMap(({ name, files }) =>
      files.map((file) => ({
        key: `${name} ${file.path}`,
        values: {
          package: name,
          path: file.path,
          change: file.change,
          bytesBefore: file.bytesBefore ?? null,
          bytes: file.bytes,
          digest: file.digest ?? null,
        },
      })),
    ),
  };
}

/** What packages can do beyond computing, and what they depend on, against the last release. */
export function createCapabilitiesTable({ details }: ReportData): ReportTable {
  return {
    id: "capabilities",
    title: "Capabilities and dependencies",
    columns: [
      { id: "package", title: "Package", type: "text", width: 200, groups: true },
      { id: "capability", title: "Capability", type: "text", width: 140, groups: true },
      { id: "change", title: "Change", type: "text", width: 100, groups: true },
      { id: "file", title: "Where", type: "text", width: 220 },
      { id: "evidence", title: "Evidence", type: "code", width: 360 },
    ],
    rows: (details.contents?.packages ?? []).flatMap(({ name, capabilities, dependencies, hosts, entries }) => [
      ...capabilities.map((entry, index) => ({
        key: `${name} capability ${index}`,
        values: {
          package: name,
          capability: entry.capability,
          change: entry.change,
          file: entry.file,
          evidence: entry.evidence ?? null,
        },
      })),
      ...dependencies.map((entry) => ({
        key: `${name} dependency ${entry.name}`,
        values: {
          package: name,
          capability: "dependency",
          change: entry.change,
          file: "package.json",
          evidence: `${entry.name} ${entry.rangeBefore === undefined ? "" : `${entry.rangeBefore} → `}${entry.range}`,
        },
      })),
      ...hosts.map((entry, index) => ({
        key: `${name} host ${index}`,
        values: {
          package: name,
          capability: "host named",
          change: entry.requested === true ? "requested" : "in a text",
          file: entry.file,
          evidence: entry.host,
        },
      })),
      ...entries.map((entry) => ({
        key: `${name} entry ${entry.key}`,
        values: {
          package: name,
          capability: "entry point",
          change: "changed",
          file: "package.json",
          evidence: `${entry.key}: ${entry.before ?? "nothing"} → ${entry.after ?? "nothing"}`,
        },
      })),
    ]),
  };
}

/** Documents that were read, and what of them was run or resolved. */
export function createDocumentsTable({ details }: ReportData): ReportTable {
  return {
    id: "documents",
    title: "Documents",
    columns: [
      { id: "path", title: "Document", type: "text", width: 340 },
      { id: "links", title: "Links", type: "number" },
      { id: "commands", title: "Commands", type: "number", width: 100 },
      { id: "snippets", title: "Snippets", type: "number" },
      { id: "unknown", title: "Not checked", type: "text", width: 420 },
    ],
    rows: (details.docs?.documents ?? []).map((entry) => ({
      key: entry.path,
      values: {
        path: entry.path,
        links: entry.links ?? null,
        commands: entry.commands ?? null,
        snippets: entry.snippets ?? null,
        unknown: entry.unknown.join(", "),
      },
    })),
  };
}

function capitalise(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
