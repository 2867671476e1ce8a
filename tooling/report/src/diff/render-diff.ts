import { escapeMarkdown } from "../export/to-markdown.ts";
import { type Difference, diffSections, type ReportDiff } from "./report-diff.ts";

/** Writes a difference as plain text, a line each. */
export function renderDiffText(diff: ReportDiff): string {
  const sections = listSections(diff).map(({ title, entries }) =>
    [`${title} (${entries.length})`, ...entries.map((entry) => `  ${describe(entry)}`)].join("\n"),
  );
  return `${[headOf(diff), ...sections].join("\n\n")}\n`;
}

/** Writes a difference as Markdown. */
export function renderDiffMarkdown(diff: ReportDiff): string {
  const sections = listSections(diff).map(({ title, entries }) =>
    [
      `## ${title}`,
      "",
      "| What | Change | Before | After |",
      "| --- | --- | --- | --- |",
      ...entries.map(
        ({ what, change, before, after }) =>
          `| ${[what, change, before ?? null, after ?? null].map(escapeMarkdown).join(" | ")} |`,
      ),
    ].join("\n"),
  );
  return `${[`# ${headOf(diff)}`, ...sections].join("\n\n")}\n`;
}

function headOf(diff: ReportDiff): string {
  const { from, to } = diff;
  return `From release ${nameRelease(from)} to ${nameRelease(to)}${listSections(diff).length === 0 ? ": nothing changed" : ""}`;
}

function nameRelease(id: string): string {
  return id === "" ? "(without a plan)" : id.slice(0, 12);
}

function listSections(diff: ReportDiff): { title: string; entries: readonly Difference[] }[] {
  return (Object.keys(diffSections) as (keyof typeof diffSections)[])
    .map((section) => ({ title: diffSections[section], entries: diff[section] }))
    .filter(({ entries }) => entries.length > 0);
}

function describe({ what, change, before, after }: Difference): string {
  if (change === "added") return `+ ${what}: ${after}`;
  return change === "removed" ? `- ${what}: ${before}` : `~ ${what}: ${before} → ${after}`;
}
