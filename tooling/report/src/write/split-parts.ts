import type { CompatibilityCell } from "../evidence/details-schemas.ts";
import type { ReportData } from "../report-data.ts";
import type { ReportPart } from "./render-script.ts";

/** Evidence behind cells, one file for so many: a page loads the one that it needs. */
export const cellsPerPart = 500;

/**
 * Splits a report into what a page needs to begin with, and parts that it loads when somebody asks: logs, inputs and
 * checks of cells, and the texts of licences.
 */
export function splitParts(data: ReportData): ReportPart[] {
  const { compatibility, licences } = data.details;
  const cells = compatibility?.cells ?? [];
  const details = {
    ...data.details,
    ...(compatibility && { compatibility: { ...compatibility, cells: cells.map(toSummary) } }),
    ...(licences && { licences: { ...licences, texts: {} } }),
  };
  const chunks = Array.from({ length: Math.ceil(cells.length / cellsPerPart) }, (_, index) => ({
    name: `cells-${index}`,
    value: cells.slice(index * cellsPerPart, (index + 1) * cellsPerPart),
  }));
  return [
    { name: "report", value: { ...data, details } },
    { name: "licence-texts", value: licences?.texts ?? {} },
    ...chunks,
  ];
}

function toSummary(cell: CompatibilityCell): object {
  const { key, package: name, version, resolution, node, manager, verdict, reused, dependencies } = cell;
  return { key, package: name, version, resolution, node, manager, verdict, reused, dependencies };
}
