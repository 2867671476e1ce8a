import { HxpError } from "@hxp/errors";
import { assessOutdated } from "../dependencies/assess-outdated.ts";
import { cloneWorkspace } from "../dependencies/clone-workspace.ts";
import { groupUpdates, type Risk, type UpdateGroup } from "../dependencies/group-updates.ts";
import { judgeWorkspace } from "../dependencies/judge-workspace.ts";
import { type GroupOutcome, tryGroup } from "../dependencies/try-group.ts";
import type { ReleaseContext } from "../release-context.ts";
import { assertClean } from "../workspace/assert-clean.ts";
import { readSource } from "../workspace/git.ts";

/** Which updates {@link updateDependencies} tries. */
export interface UpdateSelection {
  /** Names of dependencies; default: all. */
  names: readonly string[];
  /** Default: all but `concern`, which a person names. */
  risks: readonly Risk[] | undefined;
}

/** What {@link updateDependencies} did. */
export interface UpdateOutcome {
  outcomes: GroupOutcome[];
}

const byDefault: readonly Risk[] = ["security", "routine", "feature", "major"];

/** `pnpm deps outdated`: every direct dependency with a newer version, in groups by risk. */
export async function listUpdates(context: ReleaseContext): Promise<UpdateGroup[]> {
  return groupUpdates(await assessOutdated(context));
}

/**
 * `pnpm deps update`: tries each group of updates through the gates, in a clone, and keeps those that pass as one commit
 * each on the present branch. Stopped at any point, what was kept stays and nothing else has changed.
 * Throws WORKSPACE_DIRTY, and GATE_FAILED when the workspace does not pass as it is: then no update could be told from
 * what was there before.
 */
export async function updateDependencies(context: ReleaseContext, selection: UpdateSelection): Promise<UpdateOutcome> {
  const source = await readSource(context.repository);
  assertClean(source.dirty, "Commit them or put them aside: each update that is kept becomes a commit.");
  const groups = selectGroups(await listUpdates(context), selection);
  if (groups.length === 0) return { outcomes: [] };
  let before = await judgeAsIs(context, source.commit);
  const outcomes: GroupOutcome[] = [];
  for (const group of groups) {
    context.progress.note(
      `\n${group.name}: ${group.updates.map(({ name, latest }) => `${name} ${latest}`).join(", ")}`,
    );
    const tried = await tryGroup(context, { group, before });
    outcomes.push(...tried);
    for (const entry of tried) {
      if (entry.outcome === "kept") before = entry.results;
      else context.progress.warn(`${entry.group} left: ${entry.reason}`);
    }
  }
  return { outcomes };
}

/** The groups with only what was asked for; a dependency that is asked for by name is tried whatever its risk is. */
function selectGroups(groups: readonly UpdateGroup[], { names, risks }: UpdateSelection): UpdateGroup[] {
  const allowed = risks ?? (names.length === 0 ? byDefault : undefined);
  const unknown = names.filter((name) => !groups.some(({ updates }) => updates.some((update) => update.name === name)));
  if (unknown.length > 0) {
    throw new HxpError("USAGE_INVALID", `No newer version is known of ${unknown.join(", ")}`, {
      hint: "`pnpm deps outdated` lists what has one.",
    });
  }
  return groups
    .filter(({ risk }) => allowed === undefined || allowed.includes(risk))
    .map((group) => ({
      ...group,
      updates: group.updates.filter(({ name }) => names.length === 0 || names.includes(name)),
    }))
    .filter(({ updates }) => updates.length > 0);
}

async function judgeAsIs(context: ReleaseContext, commit: string) {
  const { progress, env, signal, paths } = context;
  progress.note("\nas it is");
  using clone = await cloneWorkspace(context.repository, { commit, env: context.childEnv });
  const judgement = await judgeWorkspace(clone.folder, { progress, databases: paths.databases, env, signal });
  if (judgement.passed) return judgement.results;
  throw new HxpError("GATE_FAILED", `The workspace does not pass the gates as it is: ${judgement.reason}`, {
    hint: "Mend that first: otherwise nobody can tell what an update broke.",
  });
}
