import type { Component, ProductionClosure } from "../closure/component.ts";

/** A closure, to be looked up in. */
export interface ClosureIndex {
  /** Every component and the root, by id. */
  byId: ReadonlyMap<string, Component>;
  /** A component and all from which it can be reached, by id. */
  leadingTo: (id: string) => ReadonlySet<string>;
}

const indices = new WeakMap<ProductionClosure, ClosureIndex>();

/** Indexes a closure, once: there can be thousands of questions about one. */
export function indexClosure(closure: ProductionClosure): ClosureIndex {
  const known = indices.get(closure) ?? createIndex(closure);
  indices.set(closure, known);
  return known;
}

function createIndex({ root, components }: ProductionClosure): ClosureIndex {
  const byId = new Map<string, Component>([...components, root].map((component) => [component.id, component]));
  const parents = new Map<string, string[]>();
  for (const component of byId.values()) {
    for (const link of component.dependencies) {
      const found = parents.get(link.id);
      if (found === undefined) parents.set(link.id, [component.id]);
      else found.push(component.id);
    }
  }
  return {
    byId,
    leadingTo: (id) => {
      const found = new Set([id]);
      // A set visits what the loop adds.
      for (const next of found) for (const parent of parents.get(next) ?? []) found.add(parent);
      return found;
    },
  };
}
