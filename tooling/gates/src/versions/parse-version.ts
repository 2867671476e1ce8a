import { HxpError } from "@hxp/errors";
import { parse, type SemVer } from "semver";

/** Reads a version. Throws GATES_INVALID for what is none. */
export function parseVersion(text: string): SemVer {
  const version = parse(text);
  if (version === null) throw new HxpError("GATES_INVALID", `${JSON.stringify(text)} is no version; expected semver.`);
  return version;
}
