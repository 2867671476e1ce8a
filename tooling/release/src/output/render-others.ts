import {
  type FolderVerification,
  type PackageVerification,
  renderReleaseFacts,
  renderStatementFacts,
} from "@hxp/evidence/release";
import type { DrillOutcome } from "../commands/drill.ts";
import type { KeysOutcome } from "../commands/keys.ts";
import { renderDuration } from "./progress.ts";
import { renderTable } from "./render-table.ts";

/** What was verified, one line each. */
export function renderVerification(result: FolderVerification | PackageVerification): string {
  const rows = result.verified.map(({ what, says, loggedAt }) => [`✔ ${what}`, says, loggedAt ?? ""]);
  const head =
    "id" in result
      ? `Release ${result.id}, from commit ${result.commit}`
      : `${result.name}@${result.version} ${result.integrity}`;
  return [
    head,
    "",
    renderTable(["verified", "it says", "logged at"], rows),
    "",
    "id" in result ? renderReleaseFacts(result.facts) : renderStatementFacts(result.facts),
    "",
    "All of it is as its evidence says.",
  ].join("\n");
}

/** The keys of a trust root. */
export function renderKeys({ trustedRoot, keys }: KeysOutcome): string {
  const rows = keys.map(({ name, hint, purposes, validFor }) => [
    name,
    hint,
    purposes.join(", "),
    validFor.start,
    validFor.end ?? "in use",
  ]);
  return [
    renderTable(["key", "hint", "signs", "from", "until"], rows),
    "",
    `Give consumers ${trustedRoot} and the trusted_keys.json beside it.`,
  ].join("\n");
}

/** The times of a drill. */
export function renderDrill({ steps }: DrillOutcome): string {
  const rows = steps.map(({ what, durationMs, found }) => [what, renderDuration(durationMs), found]);
  return ["", renderTable(["drill", "time", "found afterwards"], rows), "", "The throw-away registry is gone."].join(
    "\n",
  );
}
