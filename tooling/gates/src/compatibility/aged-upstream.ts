import type { Lockfile } from "../closure/read-lockfile.ts";
import type { Observation } from "../create-gate.ts";
import type { GateInput, JsonObject, Upstream } from "../gate.ts";
import { type AgedPackument, type AgeRule, leaveOutYoung, type YoungVersion } from "./leave-out-young.ts";

/** The registry of third parties without versions that are too young. */
export interface AgedUpstream extends Pick<Upstream, "packument"> {
  /** What was left out of the packuments that were asked for, by name and version. */
  tooYoung(): Promise<YoungVersion[]>;
  /** An error where the registry did not say when versions were published. */
  observe(): Promise<Observation[]>;
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
  const list = async (): Promise<[string, AgedPackument][]> => {
    const names = [...asked.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1));
    // What could not be read was installed by nobody.
    const answers = names.map(async ([name, answer]) => [name, await answer.catch(() => undefined)] as const);
    return (await Promise.all(answers)).flatMap(([name, aged]) => (aged === undefined ? [] : [[name, aged]]));
  };
  return {
    packument: async (name): Promise<JsonObject | undefined> => {
      const answer = asked.get(name) ?? ask(name);
      asked.set(name, answer);
      return (await answer)?.packument;
    },
    tooYoung: async () => (await list()).flatMap(([, { tooYoung }]) => tooYoung),
    observe: async () => observeUnknown((await list()).filter(([, { unknown }]) => unknown.length > 0)),
  };
}

const shownNames = 5;

function observeUnknown(unknown: readonly (readonly [string, AgedPackument])[]): Observation[] {
  if (unknown.length === 0) return [];
  const versions = unknown.reduce((sum, [, entry]) => sum + entry.unknown.length, 0);
  const names = unknown.map(([name]) => name);
  const more = names.length > shownNames ? ` and ${names.length - shownNames} more` : "";
  return [
    {
      rule: "age-unknown",
      where: "publish times",
      message: `The registry does not say when ${versions} versions of ${names.slice(0, shownNames).join(", ")}${more} were published, so they were not installed.`,
      why: "A version whose age is unknown may be minutes old, and nobody had the time to find what is wrong with it.",
      fix: "Take third-party packages from a registry that serves `time`, or accept any age: `compatibility: { minimumAgeMinutes: 0 }` in the policy.",
      severity: "error",
    },
  ];
}
