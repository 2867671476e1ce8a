import type { Observation } from "../create-gate.ts";
import type { ContentsPolicy } from "../policy/contents-policy.ts";
import { isGrown } from "./check-size.ts";
import { watchedKinds } from "./file-kind.ts";
import type { ReadRelease, ReleasedFile } from "./read-release.ts";

/** A file of this release or the last, with what became of it. */
export interface FileChange {
  file: ReleasedFile;
  change: "added" | "removed" | "changed" | "same" | "first";
  bytesBefore?: number;
}

/** Compares the files of a release with those of the last one, by path; ordered by path. */
export function compareFiles(release: ReadRelease, last: ReadRelease | undefined): FileChange[] {
  if (last === undefined) return release.files.map((file) => ({ file, change: "first" }));
  const before = new Map(last.files.map((file) => [file.path, file]));
  const present = new Set(release.files.map(({ path }) => path));
  const changes = release.files.map((file): FileChange => {
    const old = before.get(file.path);
    if (old === undefined) return { file, change: "added" };
    return { file, change: old.digest === file.digest ? "same" : "changed", bytesBefore: old.bytes };
  });
  const removed = last.files
    .filter(({ path }) => !present.has(path))
    .map((file): FileChange => ({ file, change: "removed", bytesBefore: file.bytes }));
  return [...changes, ...removed].toSorted((a, b) => (a.file.path < b.file.path ? -1 : 1));
}

/** A path without the digest that bundlers put into it: `chunk-LOXKLTIC.js` is `chunk-*.js`. */
export function stemOf(path: string): string {
  return path.replace(/-(?=[^.]*[A-Z0-9])[A-Za-z0-9_]{8}(?=\.)/, "-*");
}

/** Finds files that are not what they seem, that nobody can parse, and, against the last release, kinds and sizes. */
export function judgeFiles(release: ReadRelease, last: ReadRelease | undefined, policy: ContentsPolicy): Observation[] {
  const known = new Set(last?.files.map(({ digest }) => digest));
  const unknown = release.files.filter(({ digest }) => !known.has(digest));
  return [
    ...unknown.flatMap(judgeFile),
    ...judgeLoads(release, last),
    ...judgeKinds(release, last),
    ...(last === undefined ? [] : judgeGrowth(release, last, policy)),
  ];
}

function judgeFile({ path, disguise, problem }: ReleasedFile): Observation[] {
  const found: Observation[] = [];
  if (disguise !== undefined) {
    found.push({
      rule: "file-disguised",
      where: path,
      message: `${path} is ${disguise}, which its name does not say.`,
      why: "A payload is hidden where nobody looks for a program, and loaded from there.",
      fix: "Name the file for what it is, or leave it out.",
      severity: "error",
    });
  }
  if (problem !== undefined) {
    found.push({
      rule: "code-unparsable",
      where: path,
      message: `${path} is no JavaScript that can be parsed: ${problem}.`,
      why: "What cannot be parsed cannot be judged, and another program may run it all the same.",
      fix: "Mend or rename the file; a template that is no JavaScript yet has a name that says so.",
      severity: "error",
    });
  }
  return found;
}

function judgeLoads(release: ReadRelease, last: ReadRelease | undefined): Observation[] {
  const before = new Set(last?.files.flatMap(({ path, loadedBy }) => (loadedBy === undefined ? [] : [path])));
  return release.files.flatMap(({ path, loadedBy }) => {
    if (loadedBy === undefined || before.has(path)) return [];
    return [
      {
        rule: "code-misnamed",
        where: path,
        message: `${path} is loaded as code (${loadedBy}), which its name does not say.`,
        why: "Who reviews a package, and what scans it, looks for code where files are named as code.",
        fix: "Rename the file to .js, .mjs or .cjs. If it must keep its name, waive contents/code-misnamed for this release.",
        severity: "error" as const,
      },
    ];
  });
}

/** Kinds that no package should have need no last release to be seen. */
const neverExpected = new Set(["workflow", "settings"]);

function judgeKinds(release: ReadRelease, last: ReadRelease | undefined): Observation[] {
  const before = new Set(last?.files.map(({ kind }) => kind));
  return release.files
    .filter(
      ({ kind }) => watchedKinds.has(kind) && !before.has(kind) && (last !== undefined || neverExpected.has(kind)),
    )
    .map(({ path, kind, bytes }) => ({
      rule: "file-kind-new",
      where: path,
      message: `${path} (${bytes} bytes) is of the kind "${kind}", of which ${last === undefined ? "no package should have any" : `${last.version} had none`}.`,
      why: "Worms bring programs, scripts, workflows and settings that run on the machines of those who install or open the package.",
      fix: "Leave the file out; if it belongs to the package from now on, waive contents/file-kind-new for this release.",
      severity: "error" as const,
    }));
}

function judgeGrowth(release: ReadRelease, last: ReadRelease, { growth }: ContentsPolicy): Observation[] {
  const before = sizesByStem(last.files);
  return [...sizesByStem(release.files)].flatMap(([stem, bytes]) => {
    const old = before.get(stem) ?? 0;
    // A file that is new grew from nothing: the factor says nothing, and the size of the whole package counts.
    if (old === 0 || !isGrown(old, bytes, growth)) return [];
    return [
      {
        rule: "size-growth",
        where: stem,
        message: `${stem} grew from ${old} bytes in ${last.version} to ${bytes} bytes.`,
        why: "A file that jumps in size has got something that it did not have: a bundled dependency, or a stranger's code.",
        fix: "Look at what is new in it (npm diff) and leave it out; if it belongs there, waive this release or change contents.growth.",
        severity: "error" as const,
      },
    ];
  });
}

function sizesByStem(files: readonly ReleasedFile[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { path, bytes } of files) sizes.set(stemOf(path), (sizes.get(stemOf(path)) ?? 0) + bytes);
  return sizes;
}
