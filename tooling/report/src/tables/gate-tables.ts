import type { Finding } from "../evidence/gate-schemas.ts";
import type { ReportData } from "../report-data.ts";
import { compareText, type ReportTable, wordVerdict } from "./report-table.ts";

/** The verdict of each gate. */
export function createGatesTable({ gates }: ReportData): ReportTable {
  return {
    id: "gates",
    title: "Verdicts of gates",
    columns: [
      { id: "gate", title: "Gate", type: "text", width: 122 },
      { id: "verdict", title: "Verdict", type: "verdict", width: 104, groups: true },
      { id: "checked", title: "Checked", type: "number", width: 84, description: "How many things the gate looked at" },
      { id: "errors", title: "Errors", type: "number", width: 72 },
      { id: "warnings", title: "Warnings", type: "number", width: 92 },
      { id: "waived", title: "Waived", type: "number", width: 78 },
      { id: "reason", title: "Reason", type: "text", width: 190 },
      { id: "startedAt", title: "Started", type: "date", width: 168 },
      { id: "durationMs", title: "Took", type: "duration", width: 74 },
      { id: "policyDigest", title: "Policy", type: "digest", width: 190 },
    ],
    rows: gates.map((gate) => {
      const waived = gate.findings.filter(({ waiver }) => waiver !== undefined);
      const others = gate.findings.filter(({ waiver }) => waiver === undefined);
      return {
        key: gate.gate,
        values: {
          gate: gate.gate,
          verdict: wordVerdict(gate.verdict),
          checked: gate.checked,
          errors: others.filter(({ severity }) => severity === "error").length,
          warnings: others.filter(({ severity }) => severity === "warning").length,
          waived: waived.length,
          reason: gate.reason ?? null,
          startedAt: gate.startedAt,
          durationMs: gate.durationMs,
          policyDigest: gate.policyDigest,
        },
      };
    }),
  };
}

/** All findings of all gates. */
export function createFindingsTable(data: ReportData): ReportTable {
  return {
    id: "findings",
    title: "Findings",
    columns: [
      { id: "severity", title: "Severity", type: "verdict", width: 110, groups: true },
      { id: "gate", title: "Gate", type: "text", width: 110, groups: true },
      { id: "package", title: "Package", type: "text", width: 150, groups: true },
      { id: "message", title: "What", type: "text", width: 420 },
      { id: "where", title: "Where", type: "text", width: 200 },
      { id: "rule", title: "Rule", type: "text", width: 170, groups: true },
      { id: "fix", title: "What mends it", type: "text", width: 300 },
      { id: "why", title: "Why it matters", type: "text", width: 300 },
      { id: "waivedBy", title: "Waived by", type: "text", width: 160 },
      { id: "expires", title: "Waiver ends", type: "date", width: 120 },
    ],
    rows: listFindings(data).map((finding, index) => ({
      key: `${finding.gate} ${finding.rule} ${index}`,
      values: {
        gate: finding.gate,
        severity: finding.waiver === undefined ? nameSeverity(finding) : "Waived",
        rule: finding.rule,
        package: finding.package ?? null,
        where: finding.where,
        message: finding.message,
        why: finding.why ?? null,
        fix: finding.fix ?? null,
        waivedBy: finding.waiver?.owner ?? null,
        expires: finding.waiver?.expires ?? null,
      },
    })),
  };
}

/** The waivers that findings needed. */
export function createWaiversTable(data: ReportData): ReportTable {
  const waivers = new Map(
    listFindings(data).flatMap(({ waiver }) => (waiver === undefined ? [] : [[JSON.stringify(waiver), waiver]])),
  );
  const covered = (key: string): number =>
    listFindings(data).filter(({ waiver }) => JSON.stringify(waiver) === key).length;
  return {
    id: "waivers",
    title: "Waivers",
    columns: [
      { id: "gate", title: "Gate", type: "text", width: 100, groups: true },
      { id: "rule", title: "Rule", type: "text", width: 120 },
      { id: "package", title: "Package", type: "text", width: 110 },
      { id: "dependency", title: "Dependency", type: "text", width: 130 },
      { id: "owner", title: "Owner", type: "text", width: 190, groups: true },
      { id: "expires", title: "Last day", type: "date", width: 104 },
      { id: "reason", title: "Reason", type: "text", width: 360 },
      { id: "findings", title: "Findings", type: "number", description: "Findings that it covers" },
    ],
    rows: [...waivers].map(([key, waiver]) => ({
      key,
      values: {
        gate: waiver.gate,
        rule: waiver.rule,
        package: waiver.package ?? null,
        dependency: waiver.dependency ?? null,
        owner: waiver.owner,
        reason: waiver.reason,
        expires: waiver.expires,
        findings: covered(key),
      },
    })),
  };
}

/** The packages that the release publishes, and why. */
export function createPackagesTable({ plan, sboms }: ReportData): ReportTable {
  const licences = new Map(sboms.map(({ id, root, components }) => [id, components.find((c) => c.ref === root)]));
  return {
    id: "packages",
    title: "Released packages",
    columns: [
      { id: "package", title: "Package", type: "text", width: 200 },
      { id: "from", title: "From", type: "text", width: 90, description: "What the channel pointed to before" },
      { id: "to", title: "To", type: "text", width: 90 },
      { id: "bump", title: "Bump", type: "text", width: 90, groups: true },
      { id: "licence", title: "Licence", type: "text", width: 100, groups: true },
      { id: "size", title: "Packed", type: "bytes" },
      { id: "reasons", title: "Because", type: "text", width: 460 },
      { id: "integrity", title: "Tarball", type: "digest", width: 190 },
    ],
    rows: (plan?.packages ?? [])
      .map((planned) => ({
        key: `${planned.name}@${planned.version}`,
        values: {
          package: planned.name,
          from: planned.expectedTag ?? "first release",
          to: planned.version,
          bump: planned.bump,
          licence: licences.get(`${planned.name}@${planned.version}`)?.licence ?? null,
          size: planned.tarball.size,
          reasons: planned.reasons.join(" "),
          integrity: planned.tarball.integrity,
        },
      }))
      .toSorted((left, right) => compareText(left.key, right.key)),
  };
}

function listFindings({ gates }: ReportData): Finding[] {
  return gates.flatMap(({ findings }) => findings);
}

function nameSeverity({ severity }: Finding): string {
  return severity === "error" ? "Error" : "Warning";
}
