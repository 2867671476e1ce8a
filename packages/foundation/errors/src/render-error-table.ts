import type { ErrorEntry } from "./error-entry.ts";

const exitCodes: [number, string][] = [
  [0, "done"],
  [1, "failed for a reason that the message names"],
  [2, "bad usage or config"],
  [10, "reverted cleanly"],
  [11, "revert failed: a person is needed"],
  [12, "lease held by another"],
  [13, "plan is stale"],
  [14, "a gate or check failed"],
  [15, "refused: signature, digest or quarantine"],
];

/** Renders a table of error codes as the Markdown page `docs/errors.md`. */
export function renderErrorTable(table: Record<string, ErrorEntry>): string {
  const codes = Object.keys(table).toSorted();
  const sections = codes.flatMap((code) => {
    const entry = table[code];
    return entry === undefined ? [] : [renderEntry(code, entry)];
  });
  return [
    "# Errors",
    "",
    "Generated from the table in `@hxp/errors`; `pnpm test errors --update` writes it anew.",
    "",
    "Commands that change something end with one of these exit codes:",
    "",
    ...exitCodes.map(([code, meaning]) => `- \`${code}\`: ${meaning}`),
    "",
    sections.join("\n\n"),
    "",
  ].join("\n");
}

function renderEntry(code: string, entry: ErrorEntry): string {
  const retry = entry.retryable ? "try again" : "final";
  const ending = `HTTP ${entry.status ?? 500} · exit ${entry.exitCode} · ${retry}`;
  return [
    `## ${code}`,
    "",
    entry.severity === "warning" ? "warning: nothing fails by it" : ending,
    "",
    `${entry.meaning} ${entry.fix}`,
  ].join("\n");
}
