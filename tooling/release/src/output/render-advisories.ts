import type { ReleasePolicy } from "@hxp/release-gates";
import type { CsafOutcome, SnapshotStatus } from "../commands/advisories.ts";
import { renderTable } from "./render-table.ts";

/** A snapshot and what the policy says of its age. */
export function renderSnapshot(status: SnapshotStatus, policy: ReleasePolicy["advisories"]): string {
  const { snapshot, days, freshness, folder } = status;
  const rows = [
    ["source", snapshot.source],
    ["digest", snapshot.digest],
    ["imported", snapshot.importedAt],
    ["newest entry", snapshot.modified],
    ["entries", `${snapshot.entries} about ${snapshot.packages} packages`],
    ["left out", `${snapshot.withdrawn} withdrawn, ${snapshot.others} about others than npm`],
    ["folder", folder],
  ];
  return [renderTable(["advisories", ""], rows), "", sayAge({ days, freshness }, policy)].join("\n");
}

function sayAge(
  { days, freshness }: Pick<SnapshotStatus, "days" | "freshness">,
  { maxAgeDays, blockAfterDays }: ReleasePolicy["advisories"],
): string {
  const age = `The snapshot is ${days} days old; it warns from ${maxAgeDays} and blocks from ${blockAfterDays} days on.`;
  return freshness === "fresh" ? `✔ ${age}` : `${freshness === "stale" ? "⚠" : "✖"} ${age} Import a newer one.`;
}

/** The document itself, or where it is. */
export function renderCsaf({ document, path }: CsafOutcome): string {
  return path === undefined ? JSON.stringify(document, null, 2) : `Written to ${path}`;
}
