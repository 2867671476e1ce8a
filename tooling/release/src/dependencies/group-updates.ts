import type { Update } from "./assess-update.ts";

/** How much a group of updates can break: what mends a vulnerability comes first, what needs a person's look last. */
export type Risk = "security" | "routine" | "feature" | "major" | "concern";

/** Updates that are tried, and kept or left, together. */
export interface UpdateGroup {
  risk: Risk;
  /** Kebab-case; unique among the groups of one run. */
  name: string;
  updates: Update[];
}

const order: readonly Risk[] = ["security", "routine", "feature", "major", "concern"];

/**
 * Groups updates by risk, in the order in which they are to be tried: each that mends a vulnerability by itself, all
 * patches, all minors, each major with those of its family, and each that something speaks against by itself. A family
 * is the packages of one scope: they are made to be updated together.
 */
export function groupUpdates(updates: readonly Update[]): UpdateGroup[] {
  const groups = new Map<string, UpdateGroup>();
  for (const update of updates.toSorted((left, right) => (left.name < right.name ? -1 : 1))) {
    const risk = riskOf(update);
    const name = nameOf(risk, update);
    const group = groups.get(name) ?? { risk, name, updates: [] };
    groups.set(name, { ...group, updates: [...group.updates, update] });
  }
  return [...groups.values()].toSorted((left, right) => order.indexOf(left.risk) - order.indexOf(right.risk));
}

function riskOf({ fixes, concerns, bump }: Update): Risk {
  if (concerns.length > 0) return "concern";
  if (fixes.length > 0) return "security";
  return bump === "major" ? "major" : bump === "minor" ? "feature" : "routine";
}

function nameOf(risk: Risk, { name }: Update): string {
  if (risk === "routine") return "patches";
  if (risk === "feature") return "minors";
  if (risk === "major") return `major-${slug(familyOf(name))}`;
  return `${risk}-${slug(name)}`;
}

function familyOf(name: string): string {
  const [, scope] = /^@([^/]+)\//.exec(name) ?? [];
  // DefinitelyTyped's packages have nothing but their scope in common.
  return scope === undefined || scope === "types" ? name : scope;
}

function slug(name: string): string {
  return name.replace(/^@/, "").replaceAll(/[^a-z0-9]+/gi, "-");
}
