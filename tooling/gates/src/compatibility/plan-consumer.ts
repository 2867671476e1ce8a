import { minSatisfying, validRange } from "semver";
import type { Catalogue } from "./catalogue.ts";
import type { Manager } from "./cell.ts";
import type { DirectDependency } from "./direct-dependencies.ts";
import type { ReleasedPackage } from "./released-package.ts";

/** A version that a dependency gets, whatever the range says. */
export interface Pin {
  /** `name@version` of the only package for which it counts; for all of them where absent. */
  parent?: string;
  name: string;
  /** A version, behind an alias `npm:name@version`. */
  spec: string;
}

/** A project that uses one package. */
export interface Consumer {
  subject: ReleasedPackage;
  manager: Manager;
  /** What stands in its manifest. */
  dependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
  pins: Pin[];
  /** Versions that direct dependencies of the package must come to have, by name. */
  expected: Record<string, string>;
}

/** What {@link planConsumer} decides by. */
export interface ConsumerOptions {
  manager: Manager;
  /** Versions of direct dependencies, by name; one that is missing is left to its range. */
  versions: ReadonlyMap<string, string>;
  /** What the contract tests need beside the package, as name and range. */
  extra: Readonly<Record<string, string>>;
  /** What counts for every package of the tree, but for what is decided for the direct dependencies. */
  pins: readonly Pin[];
}

/**
 * Writes down the project of a consumer. npm lets a package share what stands beside it, so versions are pinned by the
 * consumer's own dependencies; pnpm gives each package its own, so they are pinned by overrides. Peers are always
 * installed by the consumer, optional ones too.
 */
export function planConsumer(subject: ReleasedPackage, options: ConsumerOptions): Consumer {
  const { manager, versions, extra } = options;
  const parent = `${subject.name}@${subject.version}`;
  const direct = subject.dependencies.map((dependency) => ({
    ...dependency,
    spec: specOf(dependency, versions.get(dependency.name)),
  }));
  const pinned = direct.flatMap(({ name, kind, spec }) => (spec === undefined ? [] : [{ name, kind, spec }]));
  const peers = direct.filter(({ kind }) => kind === "peer").map(({ name, range, spec }) => [name, spec ?? range]);
  const beside = manager === "npm" ? pinned : [];
  const pick = (kind: DirectDependency["kind"]): Record<string, string> =>
    Object.fromEntries(beside.filter((pin) => pin.kind === kind).map(({ name, spec }) => [name, spec]));
  const dependencies = {
    ...extra,
    ...pick("dependency"),
    ...Object.fromEntries(peers),
    [subject.name]: subject.version,
  };
  const optionalDependencies = pick("optional");
  const below = pinned.filter(({ kind }) => manager === "pnpm" && kind !== "peer");
  const isDecided = ({ parent: above, name }: Pin): boolean =>
    above === parent
      ? direct.some((dependency) => dependency.name === name)
      : above === undefined && (name in dependencies || name in optionalDependencies);
  return {
    subject,
    manager,
    dependencies,
    optionalDependencies,
    pins: [
      ...below.map(({ name, spec }) => ({ parent, name, spec })),
      ...options.pins.filter((pin) => !isDecided(pin)),
    ],
    expected: Object.fromEntries([...versions].filter(([name]) => direct.some((entry) => entry.name === name))),
  };
}

function specOf({ name, target }: DirectDependency, version: string | undefined): string | undefined {
  return version === undefined || target === name ? version : `npm:${target}@${version}`;
}

/**
 * The lowest version of a dependency that its range admits and that exists.
 * Undefined where there is none, or where the range names no versions, as a tag or an address.
 */
export async function findLowest(catalogue: Catalogue, dependency: DirectDependency): Promise<string | undefined> {
  const { target, versions } = dependency;
  if (validRange(versions) === null) return undefined;
  const known = await catalogue(target);
  return minSatisfying([...(known?.versions.keys() ?? [])], versions) ?? undefined;
}
