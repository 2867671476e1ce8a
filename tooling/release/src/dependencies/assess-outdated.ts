import { type AdvisoryDatabase, isAffected, openAdvisoryDatabase } from "@hxp/release-gates";
import type { ReleaseContext } from "../release-context.ts";
import { openUpstream } from "../registry/open-upstream.ts";
import { assessUpdate, type Update } from "./assess-update.ts";
import { type OutdatedDependency, readOutdated } from "./read-outdated.ts";

/** A new version younger than this is one that somebody should look at first: most bad ones are found within days. */
const minimumAgeDays = 7;

/** Reads which direct dependencies have newer versions, and what registry and imported advisories say about each. */
export async function assessOutdated(context: ReleaseContext): Promise<Update[]> {
  const { workspace, childEnv: env, signal } = context;
  const outdated = await readOutdated(workspace, { env, signal });
  const upstream = await openUpstream(context);
  await using database = await openAdvisoryDatabase(context.paths.databases);
  const advisories = (await database?.find(outdated.map(({ name }) => name))) ?? new Map<string, never>();
  const now = new Date(context.clock());
  return await Promise.all(
    outdated.map(async (dependency) =>
      assessUpdate(dependency, {
        packument: await upstream.packument(dependency.name),
        now,
        minimumAgeDays,
        fixes: findFixes(dependency, advisories),
      }),
    ),
  );
}

/** Ids of what the present version has and the newest has not. */
function findFixes(
  { name, current, latest }: OutdatedDependency,
  advisories: Awaited<ReturnType<AdvisoryDatabase["find"]>>,
): string[] {
  return (advisories.get(name) ?? [])
    .filter((advisory) => isAffected(current, advisory) !== "no" && isAffected(latest, advisory) === "no")
    .map(({ id }) => id);
}
