import type { DependencyLook } from "../commands/watch-dependencies.ts";
import type { UpdateOutcome } from "../commands/update-dependencies.ts";
import type { Update } from "../dependencies/assess-update.ts";
import type { UpdateGroup } from "../dependencies/group-updates.ts";
import { renderTable } from "./render-table.ts";

/** Outdated dependencies for people: a table for each group. */
export function renderUpdates(groups: readonly UpdateGroup[]): string {
  if (groups.length === 0) return "Every direct dependency is at its newest version.";
  const headings = ["dependency", "now", "newest", "age", "provenance", "used by"];
  return groups
    .map(({ name, updates }) => {
      const table = renderTable(
        headings,
        updates.map((update) => toRow(update)),
      );
      const notes = updates.flatMap(({ name: dependency, concerns, fixes }) => [
        ...fixes.map((id) => `  ${dependency}: mends ${id}`),
        ...concerns.map((concern) => `  ${dependency}: ${concern}`),
      ]);
      return [name, table.replaceAll(/^/gm, "  "), ...notes].join("\n");
    })
    .join("\n\n");
}

function toRow({ name, current, latest, ageDays, provenance, kind, dependents }: Update): string[] {
  const age = ageDays === undefined ? "unknown" : `${ageDays} d`;
  const users = dependents.length === 1 ? (dependents[0] ?? "") : `${dependents.length} packages`;
  return [name, current, latest, age, provenance, kind === "development" ? `${users} (development)` : users];
}

/** What an update run kept and left, for people. */
export function renderUpdateOutcome({ outcomes }: UpdateOutcome): string {
  if (outcomes.length === 0) return "Nothing to update.";
  const lines = outcomes.map((entry) => {
    const what = entry.updates.map(({ name, current, latest }) => `${name} ${current} → ${latest}`).join(", ");
    if (entry.outcome === "left")
      return `✖ left ${entry.group}: ${what}\n    ${entry.reason.replaceAll("\n", "\n    ")}`;
    return [`✔ kept ${entry.group} as ${entry.commit.slice(0, 12)}: ${what}`, ...entry.notRun].join("\n    ");
  });
  const hasKept = outcomes.some(({ outcome }) => outcome === "kept");
  return [...lines, ...(hasKept ? ["→ `pnpm install` brings node_modules to the new lockfile."] : [])].join("\n");
}

/** One look at the dependencies of what was released, for people. */
export function renderLook({ time, checked, advisories, alerts }: DependencyLook): string {
  const without = advisories === undefined ? ", without advisories" : "";
  const head = `${time}  ${checked} dependencies${without}`;
  if (alerts.length === 0) return `${head}: nothing new`;
  const lines = alerts.map(
    ({ severity, dependency, usedBy, message, fix }) =>
      `${severity} ${dependency}: ${message}\n  part of ${usedBy.join(", ")}\n  fix: ${fix}`,
  );
  return [head, ...lines].join("\n");
}
