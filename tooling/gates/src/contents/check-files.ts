import { matchesGlob } from "node:path";
import type { PackedFile } from "../archive/read-package-tarball.ts";
import type { Observation } from "../create-gate.ts";
import type { ContentsPolicy } from "../policy/contents-policy.ts";
import { entryPaths, type PackedManifest } from "./packed-manifest.ts";

/** Finds files that nothing in the manifest or the policy names, and files that the policy denies. */
export function checkFiles(
  files: readonly PackedFile[],
  manifest: PackedManifest,
  policy: ContentsPolicy,
): Observation[] {
  const named = [...(manifest.files ?? []), ...entryPaths(manifest)];
  return files.flatMap(({ path }) => {
    const denied = policy.deny.find((glob) => matchesGlob(path, glob));
    if (denied !== undefined) return [deniedFile(path, denied)];
    const isAllowed = policy.allow.some((glob) => matchesGlob(path, glob)) || isNamed(path, named);
    return isAllowed ? [] : [unexpectedFile(path)];
  });
}

/** As npm reads `files`: a name stands for a file or a whole folder, `!` takes back, and the last match counts. */
function isNamed(path: string, patterns: readonly string[]): boolean {
  const last = patterns.findLast((pattern) => matches(path, pattern.replace(/^!/, "")));
  return last !== undefined && !last.startsWith("!");
}

function matches(path: string, pattern: string): boolean {
  const glob = pattern.replace(/^\.?\//, "").replace(/\/$/, "");
  if (glob === "" || glob === ".") return true;
  return path === glob || path.startsWith(`${glob}/`) || matchesGlob(path, glob) || matchesGlob(path, `${glob}/**`);
}

function deniedFile(path: string, glob: string): Observation {
  return {
    rule: "file-denied",
    where: path,
    message: `${path} is in the package, and the policy denies ${glob}.`,
    why: "Files of this kind carry secrets, or the author's machine, or nothing that a consumer can use.",
    fix: "Exclude it in `files` of package.json (`!pattern`), or keep it out of the build's output.",
    severity: "error",
  };
}

function unexpectedFile(path: string): Observation {
  return {
    rule: "file-unexpected",
    where: path,
    message: `${path} is in the package, and neither \`files\` nor an entry point names it.`,
    why: "What nobody asked to publish is how sources, credentials and strangers' code get out.",
    fix: "List what belongs to the package in `files` of package.json, or name the file in contents.allow.",
    severity: "error",
  };
}
