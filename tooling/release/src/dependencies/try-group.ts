import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { GateResult } from "@hxp/release-gates";
import type { ReleaseContext } from "../release-context.ts";
import { readSource } from "../workspace/git.ts";
import { readWorkspace } from "../workspace/read-workspace.ts";
import { applyUpdates } from "./apply-updates.ts";
import type { Update } from "./assess-update.ts";
import { cloneWorkspace } from "./clone-workspace.ts";
import { compareMatrices, renderMatrixDifference } from "./compare-matrices.ts";
import type { UpdateGroup } from "./group-updates.ts";
import { judgeWorkspace } from "./judge-workspace.ts";

/** Updates that every gate which ran let pass, as one commit. */
interface KeptGroup {
  outcome: "kept";
  group: string;
  updates: Update[];
  commit: string;
  message: string;
  results: GateResult[];
  /** Gates that did not run, each with its reason: what they look for is unknown. */
  notRun: string[];
}

/** What became of some updates. */
export type GroupOutcome = KeptGroup | { outcome: "left"; group: string; updates: Update[]; reason: string };

/**
 * Tries a group in a clone of the present commit: writes the updates and a changeset, commits, builds, and lets the gates
 * judge it. What passes becomes one commit on the workspace's branch; of what does not, each half is tried by itself, so
 * that one bad update does not hold the others back.
 */
export async function tryGroup(
  context: ReleaseContext,
  { group, before }: { group: UpdateGroup; before: readonly GateResult[] },
): Promise<GroupOutcome[]> {
  const outcome = await tryUpdates(context, { group, before });
  if (outcome.outcome === "kept" || group.updates.length === 1) return [outcome];
  const middle = Math.ceil(group.updates.length / 2);
  const first = await tryGroup(context, { group: { ...group, updates: group.updates.slice(0, middle) }, before });
  const base = first.findLast((entry) => entry.outcome === "kept")?.results ?? before;
  const second = await tryGroup(context, {
    group: { ...group, updates: group.updates.slice(middle) },
    before: base,
  });
  return [...first, ...second];
}

async function tryUpdates(
  context: ReleaseContext,
  { group, before }: { group: UpdateGroup; before: readonly GateResult[] },
): Promise<GroupOutcome> {
  const { childEnv: env, signal, progress } = context;
  const { updates, name } = group;
  const { commit } = await readSource(context.repository);
  using clone = await cloneWorkspace(context.repository, { commit, env });
  const leave = (reason: string): GroupOutcome => ({ outcome: "left", group: name, updates, reason });
  const applied = await applyUpdates(clone.folder, updates, { env, signal }).catch((error: unknown) => {
    signal?.throwIfAborted();
    return error instanceof Error ? error : new Error(String(error));
  });
  if (applied instanceof Error) return leave(applied.message);
  await writeChangeset(clone.folder, { group, widened: applied.widened });
  const { git } = clone.repository;
  await git(["add", "--all"]);
  await git(["commit", "--quiet", "--no-verify", "--message", subjectOf(group)]);
  const judgement = await judgeWorkspace(clone.folder, {
    progress,
    databases: context.paths.databases,
    env: context.env,
    signal,
  });
  if (!judgement.passed) return leave(judgement.reason);
  const difference = compareMatrices(before, judgement.results);
  const { results, notRun } = judgement;
  const message = renderMessage(group, [...renderMatrixDifference(difference), ...notRun]);
  await git(["commit", "--quiet", "--no-verify", "--amend", "--file=-"], { input: message });
  await takeOver(context, clone.repository.top);
  const kept = await readSource(context.repository);
  return { outcome: "kept", group: name, updates, commit: kept.commit, message, results, notRun };
}

/** Moves the workspace's branch to the clone's commit; where the branch has moved meanwhile, git refuses. */
async function takeOver({ repository }: ReleaseContext, clone: string): Promise<void> {
  await repository.git(["fetch", "--quiet", "--no-tags", clone, "HEAD"]);
  await repository.git(["merge", "--quiet", "--ff-only", "FETCH_HEAD"]);
}

/** Consumers are told of a range that moved; what only developers get needs no release. */
async function writeChangeset(
  workspace: string,
  { group, widened }: { group: UpdateGroup; widened: readonly string[] },
): Promise<void> {
  const { packages } = await readWorkspace(workspace);
  const names = packages.filter((entry) => !entry.private && widened.includes(entry.folder)).map(({ name }) => name);
  if (names.length === 0) return;
  mkdirSync(join(workspace, ".changeset"), { recursive: true });
  const header = names.toSorted().map((name) => `"${name}": patch`);
  const text = `Update ${group.updates.map((update) => describeUpdate(update)).join(", ")}.`;
  const file = `deps-${group.name}-${group.updates[0]?.latest.replaceAll(/[^0-9a-z]/gi, "-")}.md`;
  writeFileSync(join(workspace, ".changeset", file), ["---", ...header, "---", "", text, ""].join("\n"));
}

function subjectOf({ name, updates }: UpdateGroup): string {
  const [first] = updates;
  const single =
    updates.length === 1 && first !== undefined ? `chore(deps): update ${first.name} to ${first.latest}` : "";
  return single !== "" && single.length <= 72 ? single : `chore(deps): update ${name}`;
}

function renderMessage(group: UpdateGroup, judged: readonly string[]): string {
  const lines = group.updates.map((update) => `- ${describeUpdate(update)}`);
  return [subjectOf(group), "", ...lines, "", ...judged, ""].join("\n");
}

function describeUpdate({ name, current, latest, fixes }: Update): string {
  return `${name} ${current} → ${latest}${fixes.length === 0 ? "" : ` (mends ${fixes.join(", ")})`}`;
}
