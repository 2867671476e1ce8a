/** Rows as CSV by RFC 4180, headings first. A cell that a spreadsheet would take for a formula gets a `'` before it. */
export function renderCsv(headings: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [headings, ...rows].map((row) => row.map(renderCell).join(",")).join("\r\n");
}

function renderCell(value: string | number): string {
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
