import type { ResolveOutcome } from "../commands/resolve.ts";

/** What was tried for each conflict, in words; the diff is told apart. */
export function renderResolution({ outcome, resolved, left, diff, written }: ResolveOutcome): string {
  if (outcome === "nothing-to-resolve") return "No conflict of dependencies to resolve.";
  const lines = [
    ...resolved.flatMap(({ finding, what }) => [
      `✔ ${finding.rule}: ${finding.message}`,
      ...what.map((text) => `    ${text}`),
    ]),
    ...left.flatMap(({ finding, reason }) => [`✖ ${finding.rule}: ${finding.message}`, `    ${reason}`]),
  ];
  if (written.length > 0) lines.push("", `Written: ${written.join(", ")}. Run \`pnpm install\`.`);
  else if (diff !== "")
    lines.push("", "Apply it with `pnpm --silent release resolve | git apply`, or --write; then run `pnpm install`.");
  if (
    resolved.some(({ changes }) =>
      changes.some(({ kind }) => kind === "range" || kind === "added" || kind === "catalog"),
    )
  ) {
    lines.push("Consumers get other ranges: describe it with `pnpm changeset`.");
  }
  return lines.join("\n");
}
