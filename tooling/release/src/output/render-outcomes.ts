import type { ReleasePlan } from "@hxp/evidence";
import type { ReleaseOutcome } from "../commands/release.ts";
import type { RollBackOutcome } from "../commands/roll-back.ts";
import type { Status } from "../commands/status.ts";
import type { Difference } from "@hxp/release-registry";
import { renderDuration } from "./progress.ts";
import { renderTable } from "./render-table.ts";

/** What a plan will do, as a table. */
function renderPlan(plan: ReleasePlan): string {
  const rows = plan.packages.map(({ name, oldVersion, version, bump, expectedTag, tarball, reasons, rank }) => [
    name,
    bump === "none" ? version : `${oldVersion} → ${version}`,
    bump,
    `${expectedTag ?? "none"} → ${version}`,
    `${(tarball.size / 1024).toFixed(1)} KiB`,
    String(rank),
    reasons[0] ?? "",
  ]);
  return renderTable(["package", "version", "bump", plan.channel, "size", "order", "because"], rows);
}

/** How a release command ended, and the next command to type. */
export function renderRelease(outcome: ReleaseOutcome, stateFolder: string): string {
  if (outcome.outcome === "nothing") {
    const current = outcome.current.map(({ name, version }) => `  ${name}@${version}`);
    const warnings = outcome.warnings.map((warning) => `warning: ${warning}`);
    const next = "\nNext: `pnpm changeset` describes a change; `pnpm release status` shows what is where.";
    return ["\nNothing to release: the registry has", ...current, ...warnings, next].join("\n");
  }
  const { id, plan, evidence, report, durationMs } = outcome;
  const isReleased = outcome.outcome === "released";
  const verb = isReleased ? `Released to ${plan.channel} of ${plan.registry.name}` : "Planned";
  return (
    [
      "",
      renderPlan(plan),
      "",
      `${verb} in ${renderDuration(durationMs)}: ${plan.packages.length} packages`,
      `  release   ${id}`,
      `  evidence  ${evidence}`,
      ...(report === undefined ? [] : [`  report    ${report}`]),
      "",
      isReleased ? renderNext(plan, evidence) : `Next: \`${renderPublish(plan, id)}\` publishes exactly these bytes.`,
    ].join("\n") + (isReleased && plan.registry.name === "local" ? `\n${renderRehearsal(stateFolder)}` : "")
  );
}

/** A plan is for one registry and channel, which have to be named again where they are not the usual ones. */
function renderPublish({ registry, channel, source }: ReleasePlan, id: string): string {
  const flags = [
    ...nameRegistry(registry.name),
    ...(channel === "latest" ? [] : ["--channel", channel]),
    ...(source.dirty.length === 0 ? [] : ["--allow-dirty"]),
  ];
  return ["pnpm release publish", id.slice(0, 12), ...flags].join(" ");
}

function nameRegistry(name: string): string[] {
  return name === "local" ? [] : ["--to", name];
}

function renderNext(plan: ReleasePlan, evidence: string): string {
  const serve =
    plan.registry.name === "local"
      ? ["  pnpm release serve                serve these packages to npm and pnpm on this machine"]
      : [];
  return [
    "Next:",
    ...serve,
    `  pnpm release verify ${evidence}`,
    `  ${["pnpm release rollback", ...nameRegistry(plan.registry.name), '--reason "…"'].join(" ")}  take this release back`,
  ].join("\n");
}

function renderRehearsal(stateFolder: string): string {
  return `This was a rehearsal: nothing left this machine. It lives in ${stateFolder}/registry; --to <registry> releases elsewhere.`;
}

/** What a rollback did. */
export function renderRollBack(rollBack: RollBackOutcome): string {
  const { outcome, repeated, id, packages, kept, durationMs } = rollBack;
  const rows = packages.map(({ name, version, channel, now }) => [
    `${name}@${version}`,
    `${channel} → ${now ?? "none"}`,
  ]);
  const verb = outcome === "abandoned" ? "Gave up" : "Rolled back";
  const when = repeated
    ? "before; name the id of an earlier release to take that back"
    : `in ${renderDuration(durationMs)}`;
  const left =
    kept.length === 0 ? [] : [`The registry lets nobody remove: ${kept.join(", ")}; the versions are deprecated.`];
  return ["", renderTable(["version", "tag"], rows), "", `${verb} ${id} ${when}`, ...left].join("\n");
}

/** What is where. */
export function renderStatus({ registry, channels, releases, differences }: Status): string {
  const tags = channels.map(({ channel, package: name, version, digest }) => [channel, name, version, digest]);
  const known = releases.map(({ id, state, channel, sealedAt, endedAt, reason }) => [
    id.slice(0, 12),
    state,
    channel,
    endedAt ?? sealedAt,
    reason ?? "",
  ]);
  return [
    `${registry.name} (${registry.identity})`,
    "",
    tags.length === 0 ? "Nothing is released." : renderTable(["channel", "package", "version", "digest"], tags),
    "",
    known.length === 0
      ? "The journal knows no release."
      : renderTable(["release", "state", "channel", "when", "reason"], known),
    "",
    renderDifferences(differences),
  ].join("\n");
}

/** Differences between registry and journal, each with what it means and what to do. */
export function renderDifferences(differences: readonly Difference[]): string {
  if (differences.length === 0) return "The registry holds what the journal says.";
  return differences
    .map(({ kind, package: name, version, tag, expected, found, meaning, fix }) => {
      const subject = `${name}${version === undefined ? "" : `@${version}`}${tag === undefined ? "" : `:${tag}`}`;
      return `${kind} ${subject}: expected ${expected ?? "nothing"}, found ${found ?? "nothing"}\n  ${meaning} ${fix}`;
    })
    .join("\n");
}
