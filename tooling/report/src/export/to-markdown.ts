import type { CellValue, ReportTable } from "../tables/report-table.ts";

/** Writes a table as Markdown. What its cells say is text: no mark-up or HTML in them counts. */
export function toMarkdown({ title, columns, rows }: ReportTable): string {
  const head = columns.map((column) => escapeMarkdown(column.title));
  const rule = columns.map(({ type }) => (["number", "bytes", "duration"].includes(type) ? "---:" : "---"));
  const body = rows.map(({ values }) => line(columns.map(({ id }) => escapeMarkdown(values[id] ?? null))));
  return `${[`# ${escapeMarkdown(title)}`, "", line(head), line(rule), ...body].join("\n")}\n`;
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** A value as text that Markdown shows as it is. */
export function escapeMarkdown(value: CellValue): string {
  if (value === null) return "";
  return String(value)
    .replaceAll(/[\\`*_{}[\]<>()#+!|~&]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replaceAll(/\s+/g, " ");
}
