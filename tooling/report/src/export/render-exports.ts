import { mergeSboms } from "../sbom/merge-sboms.ts";
import { createSpdx } from "../sbom/create-spdx.ts";
import type { ReportData } from "../report-data.ts";
import { listTables } from "../tables/list-tables.ts";
import { toCsv } from "./to-csv.ts";
import { toJson } from "./to-json.ts";
import { toMarkdown } from "./to-markdown.ts";

/** A file of the report's `exports/`. */
export interface ExportedFile {
  file: string;
  text: string;
}

/** Every table that has rows, as CSV, JSON and Markdown; and the release's SBOM as SPDX 3.0.1 and CycloneDX. */
export function renderExports(data: ReportData, evidenceFolder: string): ExportedFile[] {
  const tables = listTables(data)
    .filter(({ rows }) => rows.length > 0)
    .flatMap((table) => [
      { file: `${table.id}.csv`, text: toCsv(table) },
      { file: `${table.id}.json`, text: toJson(table, data.id) },
      { file: `${table.id}.md`, text: toMarkdown(table) },
    ]);
  if (data.sboms.length === 0) return tables;
  const cyclonedx = { file: "sbom.cdx.json", text: toText(mergeSboms(data, evidenceFolder)) };
  return [...tables, cyclonedx, { file: "sbom.spdx3.json", text: toText(createSpdx(data)) }];
}

function toText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
