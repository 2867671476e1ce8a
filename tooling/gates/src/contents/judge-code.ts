import type { Observation } from "../create-gate.ts";
import type { ContentsPolicy } from "../policy/contents-policy.ts";
import { type Capability, capabilityMeanings } from "./code/capability.ts";
import type { Shape } from "./code/find-shapes.ts";
import { stemOf } from "./compare-files.ts";
import type { ReadRelease, ReleasedFile } from "./read-release.ts";

/** What was reviewed and declared for a package. */
export interface Declared {
  capabilities: ReadonlySet<string>;
  hosts: ReadonlySet<string>;
  shapes: ReadonlySet<string>;
  dependencies: ReadonlySet<string>;
}

/** Everything that the policy declares for a package, whatever number of entries it is in. */
export function declaredFor(name: string, policy: ContentsPolicy): Declared {
  const entries = policy.declared.filter((entry) => entry.package === name);
  return {
    capabilities: new Set(entries.flatMap(({ capabilities }) => capabilities)),
    hosts: new Set(entries.flatMap(({ hosts }) => hosts)),
    shapes: new Set(entries.flatMap(({ shapes }) => shapes)),
    dependencies: new Set(entries.flatMap(({ dependencies }) => dependencies)),
  };
}

/** Where something was seen in a release. */
export interface SeenAt<Thing extends string> {
  thing: Thing;
  evidence: string;
  file: ReleasedFile;
  line: number;
}

/** Capabilities that are compared use by use: reaching for one credential is no licence for the next. */
const comparedByEvidence: ReadonlySet<Capability> = new Set(["credentials", "whole-environment", "eval", "native"]);

/** Uses of capabilities that the last release did not have; none for a first release. */
export function findNewUses(release: ReadRelease, last: ReadRelease | undefined): SeenAt<Capability>[] {
  if (last === undefined) return [];
  const before = new Set(
    last.files.flatMap(({ uses }) => uses.map(({ capability, evidence }) => keyOf(capability, evidence))),
  );
  return release.files.flatMap((file) =>
    file.uses
      .filter(({ capability, evidence }) => !before.has(keyOf(capability, evidence)))
      .map(({ capability, evidence, line }) => ({ thing: capability, evidence, file, line })),
  );
}

function keyOf(capability: Capability, evidence: string): string {
  return comparedByEvidence.has(capability) ? `${capability} ${evidence}` : capability;
}

/** Finds what the code of a release can do, is addressed to, or hides, and the last one's did, was or hid not. */
export function judgeCode(release: ReadRelease, last: ReadRelease | undefined, declared: Declared): Observation[] {
  return [
    ...judgeCapabilities(findNewUses(release, last), declared),
    ...judgeHosts(release, last, declared),
    ...judgeShapes(release, last, declared),
  ];
}

function judgeCapabilities(uses: readonly SeenAt<Capability>[], { capabilities }: Declared): Observation[] {
  const groups = Object.groupBy(uses, ({ thing }) => thing);
  return Object.values(groups)
    .filter(([first]) => first !== undefined && !capabilities.has(first.thing))
    .map((group) => {
      const [first] = group;
      const capability = first?.thing ?? "network";
      return {
        rule: "capability-new",
        where: placeOf(first),
        message: `The code ${capabilityMeanings[capability]} (${capability}), as the last release did not: ${listSightings(group)}.`,
        why: "What a stranger put into a package shows first by what it can do that the package could not.",
        fix: `Read the code. If it is meant, declare it in contents.declared: { package, capabilities: ["${capability}"], reason }; else remove it.`,
        severity: "error" as const,
      };
    });
}

function judgeHosts(release: ReadRelease, last: ReadRelease | undefined, { hosts }: Declared): Observation[] {
  if (last === undefined) return [];
  const before = new Set(last.files.flatMap((file) => file.hosts.map(({ host }) => host)));
  const requestedBefore = new Set(
    last.files.flatMap((file) => file.hosts.filter(({ isRequested }) => isRequested).map(({ host }) => host)),
  );
  const found = release.files.flatMap((file) => file.hosts.map((use) => ({ file, ...use })));
  const fresh = found.filter(
    ({ host, isRequested }) => !hosts.has(host) && !(isRequested ? requestedBefore : before).has(host),
  );
  return Object.values(Object.groupBy(fresh, ({ host }) => host)).flatMap((group) => {
    const first = group?.find(({ isRequested }) => isRequested) ?? group?.[0];
    if (first === undefined) return [];
    return [
      {
        rule: "host-new",
        where: `${first.file.path}:${first.line}`,
        message: `The code ${first.isRequested ? "asks something of" : "names"} ${first.host}, as the last release did not.`,
        why: "Stolen data goes to an address, and the address stands in the code or comes from one that does.",
        fix: "Find out who that is. If it is meant, name it in contents.declared: { package, hosts, reason }; else remove it.",
        severity: first.isRequested ? ("error" as const) : ("warning" as const),
      },
    ];
  });
}

/** In a first release there is nothing to compare with: what nobody can read is found there, too. */
function judgeShapes(release: ReadRelease, last: ReadRelease | undefined, { shapes }: Declared): Observation[] {
  const before = new Set(
    last?.files.flatMap((file) => file.shapes.map(({ shape }) => `${shape} ${stemOf(file.path)}`)),
  );
  const known = new Set(last?.files.map(({ digest }) => digest));
  return release.files
    .filter(({ digest }) => !known.has(digest))
    .flatMap((file) =>
      Object.values(Object.groupBy(file.shapes, ({ shape }) => shape))
        .flatMap((group) => group?.slice(0, 1) ?? [])
        .filter(({ shape }) => !shapes.has(shape) && !before.has(`${shape} ${stemOf(file.path)}`))
        .map(({ shape, evidence, line }) => ({
          rule: `text-${shape}`,
          where: `${file.path}:${line}`,
          message: `${file.path} ${shapeMeanings[shape]}: ${evidence}.`,
          why: "Who reviews a package reads its code; a worm sees to it that nobody can.",
          fix: `Publish readable code. If the package needs this, declare it in contents.declared: { package, shapes: ["${shape}"], reason }.`,
          severity: "error" as const,
        })),
    );
}

const shapeMeanings: Readonly<Record<Shape, string>> = {
  minified: "is minified",
  obfuscated: "is obfuscated",
  encoded: "contains an encoded blob",
  packed: "contains packed data",
  invisible: "contains text that nobody sees",
};

const maximumSightings = 6;

function listSightings(sightings: readonly SeenAt<string>[]): string {
  const shown = sightings.slice(0, maximumSightings).map((seen) => `${seen.evidence} at ${placeOf(seen)}`);
  const rest = sightings.length - shown.length;
  return `${shown.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

function placeOf(seen: SeenAt<string> | undefined): string {
  return seen === undefined ? "tarball" : `${seen.file.path}:${seen.line}`;
}
