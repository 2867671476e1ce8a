import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { HxpError } from "@hxp/errors";

/** Where releases of a workspace leave their evidence, a folder each, named by id. */
const releasesFolder = ".hxp/releases";

/**
 * The evidence that words of the command line name: a folder, or the beginning of a release's id; without words the
 * newest release of the workspace. Throws USAGE_INVALID, saying what there is, where nothing or more than one fits.
 */
export function findEvidence(cwd: string, name: string | undefined): string {
  if (name !== undefined && existsSync(resolve(cwd, name))) return resolve(cwd, name);
  const releases = listReleases(cwd);
  if (name === undefined) {
    const [newest] = releases;
    if (newest !== undefined) return newest.path;
    throw new HxpError("USAGE_INVALID", `There is no release in ${join(cwd, releasesFolder)}`, {
      hint: "Make one with `pnpm release`, or name an evidence folder.",
    });
  }
  const found = releases.filter(({ id }) => id.startsWith(name));
  const [only, another] = found;
  if (only !== undefined && another === undefined) return only.path;
  const problem =
    only === undefined ? "neither a folder nor the beginning of a release's id" : "the beginning of several";
  throw new HxpError("USAGE_INVALID", `${name} is ${problem}; there ${describe(releases)}`);
}

/** The release before the one in a folder, by time; undefined where it is the first, or lies elsewhere. */
export function findPrevious(cwd: string, evidence: string): string | undefined {
  const releases = listReleases(cwd);
  const index = releases.findIndex(({ path }) => path === resolve(evidence));
  return index === -1 ? undefined : releases[index + 1]?.path;
}

interface FoundRelease {
  id: string;
  path: string;
  time: number;
}

/** Newest first. */
function listReleases(cwd: string): FoundRelease[] {
  const folder = resolve(cwd, releasesFolder);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((id) => ({ id, path: join(folder, id) }))
    .filter(({ path }) => existsSync(join(path, "plan.json")))
    .map((release) => ({ ...release, time: statSync(join(release.path, "plan.json")).mtimeMs }))
    .toSorted((left, right) => right.time - left.time || (left.id < right.id ? -1 : 1));
}

function describe(releases: readonly FoundRelease[]): string {
  return releases.length === 0 ? "is none" : `are ${releases.map(({ id }) => id.slice(0, 12)).join(", ")}`;
}
