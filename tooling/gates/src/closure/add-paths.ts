import { compareText } from "../text/compare-text.ts";
import type { Component, ProductionClosure } from "./component.ts";

/** More ways to the same component help nobody, and their number grows without bound. */
const maximumPaths = 5;

type Root = ProductionClosure["root"];

/** Completes a dependency graph: sorts it, says which components are optional, and shows ways from the root to each. */
export function addPaths(root: Root, components: readonly Component[]): ProductionClosure {
  const byId = new Map<string, Component>([...components, root].map((component) => [component.id, component]));
  const required = reach(root.id, (id) => (byId.get(id)?.dependencies ?? []).filter(({ optional }) => !optional));
  const ways = root.dependencies
    .toSorted((a, b) => compareText(a.id, b.id))
    .map((direct) => reach(direct.id, (id) => byId.get(id)?.dependencies ?? []));
  const complete = (component: Component): Component => ({
    ...component,
    optional: !required.has(component.id),
    dependencies: component.dependencies.toSorted((a, b) => compareText(a.id, b.id) || compareText(a.name, b.name)),
    dependencyPaths: pathsTo(component.id, root, ways),
  });
  return {
    root: { ...complete(root), folder: root.folder, dependencyPaths: [] },
    components: components.map(complete).toSorted((a, b) => compareText(a.id, b.id)),
  };
}

/** Breadth first: maps each reachable id to the id before it on a shortest way. */
function reach(start: string, next: (id: string) => { id: string }[]): Map<string, string | undefined> {
  const previous = new Map<string, string | undefined>([[start, undefined]]);
  // A map visits what the loop adds, in order.
  for (const id of previous.keys()) {
    for (const { id: target } of next(id)) if (!previous.has(target)) previous.set(target, id);
  }
  return previous;
}

function pathsTo(id: string, root: Root, ways: Map<string, string | undefined>[]): string[][] {
  return ways
    .filter((way) => way.has(id))
    .map((way) => [root.id, ...unwind(way, id)])
    .filter((path) => path.lastIndexOf(root.id) === 0)
    .toSorted((a, b) => a.length - b.length || compareText(a.join(), b.join()))
    .slice(0, maximumPaths);
}

function unwind(way: Map<string, string | undefined>, id: string): string[] {
  const path: string[] = [];
  for (let step: string | undefined = id; step !== undefined; step = way.get(step)) path.unshift(step);
  return path;
}
