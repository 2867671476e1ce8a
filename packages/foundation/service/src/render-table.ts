/** A Markdown table, aligned as the formatter of this house aligns it. */
export function renderTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [titles, ...rows].map((row) => row.map((cell) => cell.replaceAll("|", String.raw`\|`)));
  const widths = titles.map((_, column) => Math.max(3, ...cells.map((row) => (row[column] ?? "").length)));
  const toLine = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => (row[column] ?? "").padEnd(width)).join(" | ")} |`;
  const [head = [], ...body] = cells;
  return [toLine(head), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...body.map(toLine)].join("\n");
}
