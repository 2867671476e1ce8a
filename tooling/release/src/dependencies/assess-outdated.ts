import type { ReleaseContext } from "../release-context.ts";
import { openUpstream } from "../registry/open-upstream.ts";
import { assessUpdate, type Update } from "./assess-update.ts";
import { readOutdated } from "./read-outdated.ts";

/** A new version younger than this is one that somebody should look at first: most bad ones are found within days. */
const minimumAgeDays = 7;

/** Reads which direct dependencies have newer versions, and what the registry says about each. */
export async function assessOutdated(context: ReleaseContext): Promise<Update[]> {
  const { workspace, childEnv: env, signal } = context;
  const outdated = await readOutdated(workspace, { env, signal });
  const upstream = await openUpstream(context);
  const now = new Date(context.clock());
  return Promise.all(
    outdated.map(async (dependency) =>
      assessUpdate(dependency, {
        packument: await upstream.packument(dependency.name),
        now,
        minimumAgeDays,
        fixes: [],
      }),
    ),
  );
}
