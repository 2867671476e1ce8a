import { formatPath, type Path } from "../path.ts";
import { isSecret } from "../secret.ts";
import { showValue } from "./show-value.ts";

/** One difference between two configs, at a leaf. Secrets show their references. */
export type Difference =
  | { path: string; kind: "added"; after: unknown }
  | { path: string; kind: "removed"; before: unknown }
  | { path: string; kind: "changed"; before: unknown; after: unknown };

/** Lists the leaves in which two configs differ, in the order of their paths; list items are compared by index. */
export function diff(before: unknown, after: unknown): Difference[] {
  const old = leavesOf(before);
  const fresh = leavesOf(after);
  const paths = [...new Set([...old.keys(), ...fresh.keys()])].toSorted();
  return paths.flatMap((path) => compare(path, old, fresh));
}

type Leaves = ReadonlyMap<string, unknown>;

function compare(path: string, old: Leaves, fresh: Leaves): Difference[] {
  const before = showValue(old.get(path));
  const after = showValue(fresh.get(path));
  if (!old.has(path)) return [{ path, kind: "added", after }];
  if (!fresh.has(path)) return [{ path, kind: "removed", before }];
  return isSameLeaf(old.get(path), fresh.get(path)) ? [] : [{ path, kind: "changed", before, after }];
}

function isSameLeaf(a: unknown, b: unknown): boolean {
  if (isSecret(a) && isSecret(b)) return a.reference === b.reference;
  // The only collections among leaves are empty ones.
  if (isCollection(a) && isCollection(b)) return Array.isArray(a) === Array.isArray(b);
  return Object.is(a, b);
}

function leavesOf(value: unknown): Leaves {
  const leaves = new Map<string, unknown>();
  const visit = (each: unknown, path: Path): void => {
    const children = childrenOf(each);
    if (children.length === 0) {
      if (each !== undefined) leaves.set(formatPath(path), each);
      return;
    }
    for (const [key, child] of children) visit(child, [...path, key]);
  };
  visit(value, []);
  return leaves;
}

function childrenOf(value: unknown): (readonly [string | number, unknown])[] {
  if (Array.isArray(value)) return value.map((item, index) => [index, item]);
  return isCollection(value) ? Object.entries(value) : [];
}

function isCollection(value: unknown): value is object {
  return typeof value === "object" && value !== null && !isSecret(value);
}
