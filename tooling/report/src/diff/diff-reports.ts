import type { ReportData } from "../report-data.ts";
import { listDependencyFacts } from "../tables/dependency-facts.ts";
import { compareText, wordVerdict } from "../tables/report-table.ts";
import type { Difference, ReportDiff } from "./report-diff.ts";

/** What changed between the evidence of two releases: `before` to `after`. The same data gives the same result. */
export function diffReports(before: ReportData, after: ReportData): ReportDiff {
  const compare = (read: (data: ReportData) => Facts): Difference[] => diffFacts(read(before), read(after));
  return {
    from: before.id,
    to: after.id,
    packages: compare(readPackages),
    verdicts: compare(readVerdicts),
    findings: compare(readFindings),
    cells: compare(readCells),
    dependencies: compare(readDependencies),
    licences: compare(readLicences),
    advisories: compare(readAdvisories),
    api: compare(readApi),
    sizes: compare(readSizes),
  };
}

/** What something is called, and what is said of it. */
type Facts = ReadonlyMap<string, string>;

function diffFacts(before: Facts, after: Facts): Difference[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].toSorted(compareText);
  return names.flatMap((what): Difference[] => {
    const [old, fresh] = [before.get(what), after.get(what)];
    if (old === fresh) return [];
    if (old === undefined) return [{ what, change: "added", after: fresh }];
    return fresh === undefined
      ? [{ what, change: "removed", before: old }]
      : [{ what, change: "changed", before: old, after: fresh }];
  });
}

function readPackages({ plan }: ReportData): Facts {
  return new Map((plan?.packages ?? []).map(({ name, version }) => [name, version]));
}

function readVerdicts({ gates }: ReportData): Facts {
  return new Map(
    gates.map(({ gate, verdict, excused }) => [gate, wordVerdict(verdict) + (excused ? " (excused)" : "")]),
  );
}

function readFindings({ gates }: ReportData): Facts {
  const findings = gates.flatMap((gate) => gate.findings);
  return new Map(
    findings.map(({ gate, rule, package: name, where, severity, waiver, message }) => [
      [gate, rule, name, where].filter(Boolean).join(" · "),
      `${waiver === undefined ? severity : "waived"}: ${message}`,
    ]),
  );
}

/** Cells are compared across versions of a package, by majors of Node: a patch of Node is no other promise. */
function readCells({ details }: ReportData): Facts {
  return new Map(
    (details.compatibility?.cells ?? []).map((cell) => [
      `${cell.package} · ${cell.resolution} · Node ${cell.node.split(".")[0]} · ${cell.manager}`,
      wordVerdict(cell.verdict),
    ]),
  );
}

function readDependencies(data: ReportData): Facts {
  const versions = Map.groupBy(listDependencyFacts(data), ({ name }) => name);
  return new Map([...versions].map(([name, facts]) => [name, facts.map(({ version }) => version).join(", ")]));
}

function readLicences(data: ReportData): Facts {
  const facts = Map.groupBy(listDependencyFacts(data), ({ name }) => name);
  return new Map(
    [...facts].map(([name, group]) => [
      name,
      [...new Set(group.map(({ licence }) => licence ?? "unknown"))].join(", "),
    ]),
  );
}

function readAdvisories({ details }: ReportData): Facts {
  return new Map(
    (details.advisories?.matches ?? []).map((match) => [
      `${match.advisory} · ${match.name}`,
      `${match.version}, ${match.severity}, ${match.statement?.status ?? match.verdict}`,
    ]),
  );
}

function readApi({ details }: ReportData): Facts {
  return new Map(
    (details.api?.packages ?? []).map(({ name, least, declared }) => [name, `${least} needed, ${declared} declared`]),
  );
}

function readSizes({ plan }: ReportData): Facts {
  return new Map((plan?.packages ?? []).map(({ name, tarball }) => [name, `${tarball.size} bytes`]));
}
