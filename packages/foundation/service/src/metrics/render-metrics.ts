import { renderTable } from "../render-table.ts";
import type { MetricCatalogue, MetricLabel } from "./define-metrics.ts";

/** Renders a catalogue of metrics as a Markdown table. */
export function renderMetrics(catalogue: MetricCatalogue): string {
  const rows = Object.values(catalogue).map(({ type, name, help, labels = {} }) => [
    `\`${name}\``,
    type,
    help,
    Object.entries(labels).map(renderLabel).join("<br>"),
  ]);
  return renderTable(["metric", "type", "meaning", "labels"], rows);
}

function renderLabel([name, { description, values }]: [string, MetricLabel]): string {
  const listed = values === undefined ? "" : ` (${values.map((value) => `\`${value}\``).join(", ")})`;
  return `\`${name}\`: ${description}${listed}`;
}
