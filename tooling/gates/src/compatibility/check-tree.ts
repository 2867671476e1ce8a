import { splitId } from "../versions/split-id.ts";
import type { OwnPackages } from "./own-packages.ts";
import type { Consumer } from "./plan-consumer.ts";
import type { ResolvedTree } from "./resolve-consumer.ts";

/** What a tree is compared with. */
export interface CheckOptions {
  consumer: Consumer;
  own: OwnPackages;
  /** Of the lockfile, by `name@version`. */
  integrities?: ReadonlyMap<string, string> | undefined;
}

/**
 * Says in words why a tree is not the one that was asked for: another version of a direct dependency, other bytes than
 * those of this workspace's releases, or other bytes than the lockfile names.
 */
export function checkTree(tree: ResolvedTree, { consumer, own, integrities }: CheckOptions): string | undefined {
  const optional = new Set(
    consumer.subject.dependencies.filter(({ kind }) => kind === "optional").map(({ name }) => name),
  );
  const problems = Object.entries(consumer.expected).flatMap(([name, version]) => {
    const actual = tree.direct[name];
    if (actual === version || (actual === undefined && optional.has(name))) return [];
    return [
      `${name} was to be ${version}, and ${consumer.manager} takes ${actual ?? "none"}: something else does not admit it.`,
    ];
  });
  for (const { id, integrity } of tree.entries) {
    const [name, version] = splitId(id);
    const ownVersion = own.versionsOf(name)?.find((known) => known.version === version);
    const expected = ownVersion?.integrity ?? integrities?.get(id);
    if (expected !== undefined && expected !== integrity) {
      problems.push(`The registry serves ${id} with ${integrity}, not with ${expected}.`);
    }
  }
  return problems.length === 0 ? undefined : problems.join("\n");
}
