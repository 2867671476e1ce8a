import { maxSatisfying } from "semver";
import type { Lockfile } from "../closure/read-lockfile.ts";
import type { GateInput, GatePackage } from "../gate.ts";
import type { Catalogue } from "./catalogue.ts";
import { type Manager, type Resolution, resolutions } from "./cell.ts";
import { type NodeClaims, readNodeClaims } from "./claimed-nodes.ts";
import { type Contract, readContract } from "./contracts.ts";
import type { OwnPackages } from "./own-packages.ts";
import { type LockedDependencies, readLocked } from "./pin-locked.ts";
import { type Consumer, findLowest, type Pin, planConsumer } from "./plan-consumer.ts";
import { readReleased, type ReleasedPackage } from "./released-package.ts";

/** What is known of a package before anything runs. */
export interface Subject {
  released: ReleasedPackage;
  claims: NodeClaims;
  contract: Contract;
  lockfile: LockedDependencies;
  /** Versions of the direct dependencies, by name; where one is missing, there is none, or its range decides. */
  versions: Record<Resolution, ReadonlyMap<string, string>>;
  /** Names of dependencies whose lowest version cannot be told. */
  unknownFloors: string[];
  /** Names of dependencies that the lockfile does not have: they are as new as in `newest`. */
  unlocked: string[];
}

/** Cells that one manager resolves together: one package in one resolution, on each Node that it claims. */
export interface Unit {
  subject: Subject;
  resolution: Resolution;
  manager: Manager;
  consumer: Consumer;
  /** Packages that are likely to be installed: the slow ones begin first. */
  weight: number;
}

/** What all packages are looked up in. */
export interface Surroundings {
  lockfile: Lockfile;
  own: OwnPackages;
  ownNames: ReadonlySet<string>;
  catalogue: Catalogue;
}

/** Finds out which versions a package's dependencies have in each resolution. */
export async function readSubject(input: GateInput, entry: GatePackage, surroundings: Surroundings): Promise<Subject> {
  const { own, catalogue } = surroundings;
  const released = await readReleased(entry);
  const lockfile = readLocked(surroundings.lockfile, entry.folder, surroundings.ownNames);
  const floors = await Promise.all(
    released.dependencies.map(
      async (dependency) => [dependency.name, await findLowest(catalogue, dependency)] as const,
    ),
  );
  const locked = released.dependencies.map(
    ({ name, target, versions }) => [name, newestOwn(own, target, versions) ?? lockfile.direct.get(name)] as const,
  );
  return {
    released,
    claims: readNodeClaims(released.manifest.engines?.["node"], input.tools.nodes),
    contract: await readContract(input, entry),
    lockfile,
    versions: { lowest: known(floors), locked: known(locked), newest: new Map() },
    unknownFloors: floors.filter(([, version]) => version === undefined).map(([name]) => name),
    unlocked: locked.filter(([, version]) => version === undefined).map(([name]) => name),
  };
}

function known(versions: readonly (readonly [string, string | undefined])[]): Map<string, string> {
  return new Map(versions.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** The lockfile links own packages; what it means is this release. */
function newestOwn(own: OwnPackages, name: string, range: string): string | undefined {
  return maxSatisfying(own.versionsOf(name)?.map(({ version }) => version) ?? [], range) ?? undefined;
}

/** Every resolution with every manager, the slow ones first. */
export function planUnits(
  subjects: readonly Subject[],
  { managers, overrides }: { managers: readonly Manager[]; overrides: readonly Pin[] },
): Unit[] {
  const units = subjects.flatMap((subject) =>
    resolutions.flatMap((resolution) =>
      managers.map((manager): Unit => {
        const { released, versions, contract, lockfile } = subject;
        const consumer = planConsumer(released, {
          manager,
          versions: versions[resolution],
          extra: contract.extra,
          pins: [...(resolution === "locked" ? lockfile.pins : []), ...overrides],
        });
        const weight = (lockfile.integrities.size + 10) * (manager === "npm" ? 3 : 1) + contract.files.length * 10;
        return { subject, resolution, manager, consumer, weight };
      }),
    ),
  );
  return units.toSorted((a, b) => b.weight - a.weight);
}
