import type { PackedFile } from "../archive/read-package-tarball.ts";
import type { Observation } from "../create-gate.ts";
import type { ContentsPolicy, requirements } from "../policy/contents-policy.ts";
import { isImportable, type PackedManifest } from "./packed-manifest.ts";

type Requirement = (typeof requirements)[number];

interface Need {
  isMet: (manifest: PackedManifest, files: readonly PackedFile[]) => boolean;
  where: string;
  message: string;
  why: string;
  fix: string;
}

const needs: Record<Requirement, Need> = {
  readme: {
    isMet: (_manifest, files) => files.some(({ path, bytes }) => /^readme(\.|$)/i.test(path) && bytes.length > 0),
    where: "README.md",
    message: "The package has no README.",
    why: "It is the page of the package in the registry, and the first thing that a consumer reads.",
    fix: "Write README.md beside package.json.",
  },
  licence: {
    isMet: (_manifest, files) => files.some(({ path, bytes }) => /^licen[cs]e(\.|-|$)/i.test(path) && bytes.length > 0),
    where: "LICENSE",
    message: "The package has no licence text.",
    why: "Without the text nobody may use the package, whatever the manifest says.",
    fix: "Put LICENSE beside package.json.",
  },
  repository: {
    isMet: ({ repository }) => hasText(repository) || (isObject(repository) && hasText(repository["url"])),
    where: "package.json repository",
    message: "The manifest names no repository.",
    why: "Provenance is checked against it: without it nobody can tell where the package comes from.",
    fix: 'Add `"repository": {"type": "git", "url": …, "directory": …}`.',
  },
  engines: {
    isMet: ({ engines }) => hasText(engines?.["node"]),
    where: "package.json engines.node",
    message: "The manifest does not say on which versions of Node the package runs.",
    why: "Without it package managers install it on versions on which it fails.",
    fix: 'Add `"engines": {"node": …}`.',
  },
  exports: {
    isMet: (manifest) => !isImportable(manifest) || hasText(manifest["exports"]) || isObject(manifest["exports"]),
    where: "package.json exports",
    message: "The manifest has no exports map.",
    why: "Without it every file of the package is public, and changing any is a breaking change.",
    fix: 'Add `"exports"` with each public entry point.',
  },
  types: {
    isMet: (manifest, files) => !isImportable(manifest) || hasTypes(manifest, files),
    where: "package.json types",
    message: "The package has no type declarations.",
    why: "Without them a consumer's compiler cannot check a single call.",
    fix: 'Generate declarations and name them by `"types"` in each entry of exports.',
  },
};

/** Finds what the policy requires of every package and this one lacks. */
export function checkRequired(
  files: readonly PackedFile[],
  manifest: PackedManifest,
  policy: ContentsPolicy,
): Observation[] {
  return policy.required.flatMap((requirement) => {
    const { isMet, ...text } = needs[requirement];
    if (isMet(manifest, files)) return [];
    return [{ rule: `required-${requirement}`, severity: "error" as const, ...text }];
  });
}

function hasTypes(manifest: PackedManifest, files: readonly PackedFile[]): boolean {
  return hasText(manifest.types ?? manifest.typings) || files.some(({ path }) => /\.d\.[cm]?ts$/.test(path));
}

function hasText(value: unknown): boolean {
  return typeof value === "string" && value.trim() !== "";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
