import { HxpError } from "@hxp/errors";

const namePattern = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;
const versionPattern = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;

/** Whether a text is a name that npm lets anyone publish, and so is safe in URLs and, encoded, in file names. */
export function isPackageName(name: string): boolean {
  return name.length <= 214 && namePattern.test(name);
}

/** Whether a text has the form of a semantic version. */
export function isVersion(version: string): boolean {
  return version.length <= 256 && versionPattern.test(version);
}

const oldNamePattern = /^(?:@[A-Za-z0-9~-][\w.~-]*\/)?[A-Za-z0-9~-][\w.~-]*$/;

/** A package's path for reading, which takes names with capitals as well: nobody can publish such any more, and some are still in use. */
export function escapeAnyPackageName(name: string): string {
  if (name.length > 214 || !oldNamePattern.test(name)) {
    throw new HxpError("USAGE_INVALID", `Not a package name: ${JSON.stringify(name)}`);
  }
  return name.replace("/", "%2f");
}

/** A package's path on a registry: `@scope%2fname`. Any other than a publishable name: USAGE_INVALID. */
export function escapePackageName(name: string): string {
  if (!isPackageName(name)) throw new HxpError("USAGE_INVALID", `Not a package name: ${JSON.stringify(name)}`);
  return name.replace("/", "%2f");
}

/** The tarball's file name: the name without its scope, and the version. */
export function tarballFileName({ name, version }: { name: string; version: string }): string {
  return `${name.replace(/^@[^/]+\//, "")}-${version}.tgz`;
}
