import type { CellValue, ReportTable } from "../tables/report-table.ts";

/**
 * Writes a table as CSV (RFC 4180, UTF-8, CRLF). A text that a spreadsheet would run as a formula gets an apostrophe in
 * front, as spreadsheets themselves write it.
 */
export function toCsv({ columns, rows }: ReportTable): string {
  const lines = [
    columns.map(({ title }) => quote(title)),
    ...rows.map(({ values }) => columns.map(({ id }) => quote(values[id] ?? null))),
  ];
  return lines.map((line) => `${line.join(",")}\r\n`).join("");
}

function quote(value: CellValue): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
