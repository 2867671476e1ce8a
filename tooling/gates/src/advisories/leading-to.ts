import type { Component } from "../closure/component.ts";

/** A component and all from which it can be reached, by id. */
export function leadingTo(id: string, components: Iterable<Pick<Component, "id" | "dependencies">>): Set<string> {
  const parents = new Map<string, string[]>();
  for (const component of components) {
    for (const link of component.dependencies) {
      const known = parents.get(link.id);
      if (known === undefined) parents.set(link.id, [component.id]);
      else known.push(component.id);
    }
  }
  const found = new Set([id]);
  // A set visits what the loop adds.
  for (const next of found) for (const parent of parents.get(next) ?? []) found.add(parent);
  return found;
}
