import type { Component } from "../closure/component.ts";
import type { Objection } from "./objection.ts";
import type { PublishedVersion } from "./published-versions.ts";

/** The SHA-512 in a subresource integrity, as `sha512-…`; undefined where there is none or it is malformed. */
export function strongIntegrity(integrity: string | undefined): string | undefined {
  return integrity?.split(/\s+/).find((hash) => /^sha512-[A-Za-z0-9+/]{86}==$/.test(hash));
}

/** Objects to a component whose bytes the lockfile does not pin, or pins otherwise than the registry says. */
export function checkIntegrity(component: Component, version: PublishedVersion | undefined): Objection[] {
  const { id, integrity } = component;
  const pinned = strongIntegrity(integrity);
  if (pinned === undefined) {
    return [
      {
        rule: integrity === undefined ? "integrity-missing" : "integrity-weak",
        message: `In pnpm-lock.yaml, ${id} has ${integrity === undefined ? "no integrity" : `the integrity ${integrity}`}, expected a SHA-512.`,
        why: "Whoever serves the tarball can serve other bytes, and nobody would see it.",
        fix: `Depend on a version of it from a registry, and write its integrity anew: pnpm update ${component.name}.`,
        severity: "error",
      },
    ];
  }
  if (version?.integrity === undefined || version.integrity.split(/\s+/).includes(pinned)) return [];
  return [
    {
      rule: "integrity-differs",
      message: `pnpm-lock.yaml pins ${id} to ${pinned}, and the registry says ${version.integrity}.`,
      why: "Published bytes never change: either the lockfile was tampered with, or the registry was.",
      fix: `Compare with another registry or an earlier commit: git log -p -S '${pinned}' -- pnpm-lock.yaml. Then install from the one that is right.`,
      severity: "error",
    },
  ];
}
