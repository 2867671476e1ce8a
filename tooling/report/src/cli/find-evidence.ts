import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { HxpError } from "@hxp/errors";
import { type KeptRelease, listReleases } from "../evidence/find-previous.ts";

/** Where evidence is looked for. */
export interface EvidencePlaces {
  /** The workspace. */
  cwd: string;
  /** The state folder of its releases, relative to it. */
  state: string;
}

/**
 * The evidence that words of the command line name: a folder, or the beginning of a release's id; without words the
 * newest release of the workspace. Throws USAGE_INVALID, saying what there is, where nothing or more than one fits.
 */
export function findEvidence({ cwd, state }: EvidencePlaces, name: string | undefined): string {
  if (name !== undefined && existsSync(resolve(cwd, name))) return resolve(cwd, name);
  const folder = resolve(cwd, state, "releases");
  const releases = listReleases(folder);
  if (name === undefined) {
    const [newest] = releases;
    if (newest !== undefined) return newest.path;
    throw new HxpError("USAGE_INVALID", `There is no release in ${folder}`, {
      hint: "Make one with `pnpm release`, or name an evidence folder, or the state folder with --state.",
    });
  }
  const found = releases.filter(({ id }) => id.startsWith(name));
  const [only, another] = found;
  if (only !== undefined && another === undefined) return only.path;
  const problem =
    only === undefined ? "neither a folder nor the beginning of a release's id" : "the beginning of several";
  throw new HxpError("USAGE_INVALID", `${name} is ${problem}; in ${folder} there ${describe(releases)}`);
}

function describe(releases: readonly KeptRelease[]): string {
  return releases.length === 0 ? "is none" : `are ${releases.map(({ id }) => id.slice(0, 12)).join(", ")}`;
}
