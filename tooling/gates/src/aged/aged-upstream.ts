import type { Lockfile } from "../closure/read-lockfile.ts";
import type { Observation } from "../create-gate.ts";
import type { GateInput, JsonObject, Upstream } from "../gate.ts";
import { findMissed, type MissedVersion } from "./find-missed.ts";
import { type AgedPackument, type AgeRule, leaveOutYoung } from "./leave-out-young.ts";

/** A version of a third party that was published too recently. */
export interface YoungVersion {
  name: string;
  version: string;
  /** As the registry says it. */
  published: string;
}

/** What consumers would have got from a registry that leaves nothing out. */
interface LeftOut {
  /** By name and version. */
  tooYoung: YoungVersion[];
  /** Errors where the registry did not say when a version was published, or did not answer. */
  observations: Observation[];
}

/** The registry of third parties without versions that are too young. */
export interface AgedUpstream extends Pick<Upstream, "packument"> {
  /** What was left out of the packuments that were asked for, where what manifests ask for, or anything below it, admits it. */
  describeLeftOut(manifests: readonly object[]): Promise<LeftOut>;
}

/**
 * Leaves out what is younger than `compatibility.minimumAgeMinutes`. What the lockfile has was installed before, and
 * what the policy overrides was chosen by a person: both stay. Each name is asked for once.
 */
export function createAgedUpstream(
  { upstream, policy, now }: Pick<GateInput, "policy" | "now"> & { upstream: Pick<Upstream, "packument"> },
  lockfile: Lockfile,
): AgedUpstream {
  const { minimumAgeMinutes: minutes, overrides } = policy.compatibility;
  const rule: AgeRule = {
    before: minutes === 0 ? undefined : now.getTime() - minutes * 60_000,
    exempt: new Set([
      ...lockfile.packages.keys(),
      ...overrides.map(({ package: name, version }) => `${name}@${version}`),
    ]),
  };
  const asked = new Map<string, Promise<AgedPackument | undefined>>();
  const ask = async (name: string): Promise<AgedPackument | undefined> => {
    const packument = await upstream.packument(name);
    return packument === undefined ? undefined : leaveOutYoung(name, packument, rule);
  };
  return {
    packument: async (name): Promise<JsonObject | undefined> => {
      const answer = asked.get(name) ?? ask(name);
      asked.set(name, answer);
      return (await answer)?.packument;
    },
    describeLeftOut: async (manifests) => {
      const { aged, unreadable } = await settle(asked);
      const missed = findMissed(aged, manifests);
      return {
        tooYoung: missed.flatMap(({ published, ...id }) => (published === undefined ? [] : [{ ...id, published }])),
        observations: [
          ...observeUnknown(missed.filter(({ published }) => published === undefined)),
          ...unreadable.map(([name, reason]) => describeUnreadable(name, reason)),
        ],
      };
    },
  };
}

/** Packuments by name, and why some could not be read; a name that is unknown is in neither. */
async function settle(
  asked: ReadonlyMap<string, Promise<AgedPackument | undefined>>,
): Promise<{ aged: Map<string, AgedPackument>; unreadable: [string, unknown][] }> {
  const aged = new Map<string, AgedPackument>();
  const unreadable: [string, unknown][] = [];
  for (const [name, answer] of [...asked].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- all of them were asked for before
      const entry = await answer;
      if (entry !== undefined) aged.set(name, entry);
    } catch (reason) {
      unreadable.push([name, reason]);
    }
  }
  return { aged, unreadable };
}

const shownNames = 5;

function observeUnknown(unknown: readonly MissedVersion[]): Observation[] {
  if (unknown.length === 0) return [];
  const names = [...new Set(unknown.map(({ name }) => name))];
  const more = names.length > shownNames ? ` and ${names.length - shownNames} more` : "";
  return [
    {
      rule: "age-unknown",
      where: "publish times",
      message: `The registry does not say when ${unknown.length} versions of ${names.slice(0, shownNames).join(", ")}${more} were published, so they were not installed.`,
      why: "A version whose age is unknown may be minutes old, and nobody had the time to find what is wrong with it.",
      fix: "Take third-party packages from a registry that serves `time`, or accept any age: `compatibility: { minimumAgeMinutes: 0 }` in the policy.",
      severity: "error",
    },
  ];
}

/** Nothing else is asked for the name: in another registry it may be a stranger's. */
function describeUnreadable(name: string, reason: unknown): Observation {
  return {
    rule: "packument-unreadable",
    where: name,
    message: `The registry of ${name} does not say what versions there are: ${reason instanceof Error ? reason.message : String(reason)}`,
    why: "Consumers cannot be set up with a package that cannot be read, so what they would get is unknown.",
    fix: "Take it from a registry that can be read without a credential: whatever runs code of the project has none.",
    severity: "error",
  };
}
