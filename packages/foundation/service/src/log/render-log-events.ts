import { renderTable } from "../render-table.ts";
import type { LogEventCatalogue, LogField } from "./log-events.ts";

/** Renders a catalogue of log events as a Markdown table. */
export function renderLogEvents(catalogue: LogEventCatalogue): string {
  const rows = Object.entries(catalogue).map(([name, { level, message, description, fields = {} }]) => [
    `\`${name}\``,
    level,
    message,
    description,
    Object.entries(fields).map(renderField).join("<br>"),
  ]);
  return renderTable(["event", "level", "message", "when", "fields"], rows);
}

function renderField([name, { type, unit, optional, description }]: [string, LogField]): string {
  const kind = [type, ...(unit === undefined ? [] : [unit]), ...(optional === true ? ["optional"] : [])].join(", ");
  return `\`${name}\` (${kind}): ${description}`;
}
