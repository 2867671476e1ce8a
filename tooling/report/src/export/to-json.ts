import type { ReportTable } from "../tables/report-table.ts";

/** Id of the published JSON Schema of exported tables. */
const tableSchemaId = "https://github.com/hxp-enterprise/hxp/schemas/release-report-table/v1";

/** Writes a table as JSON by the published schema `@hxp/release-report/schema/table.v1.json`. */
export function toJson({ id, title, columns, rows }: ReportTable, release: string): string {
  const value = {
    schema: tableSchemaId,
    table: id,
    title,
    release,
    columns: columns.map((column) => ({ id: column.id, title: column.title, type: column.type })),
    rows: rows.map(({ values }) => Object.fromEntries(columns.map((column) => [column.id, values[column.id] ?? null]))),
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}
