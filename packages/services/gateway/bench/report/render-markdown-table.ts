/** A Markdown table that can be read as it is, too: columns as wide as their widest cell, all but the first to the right. */
export function renderMarkdownTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(3, ...all.map((row) => row[column]?.length ?? 0)));
  const pad = (row: readonly string[]): string[] =>
    widths.map((width, column) => (column === 0 ? (row[0] ?? "").padEnd(width) : (row[column] ?? "").padStart(width)));
  const rule = widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [pad(headings), rule, ...rows.map(pad)].map((row) => `| ${row.join(" | ")} |`).join("\n");
}
