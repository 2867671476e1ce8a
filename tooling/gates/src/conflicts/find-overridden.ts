import { satisfies, valid, validRange } from "semver";
import type { Observation } from "../create-gate.ts";
import { type GraphNode, type ReleaseGraph, wayTo } from "./release-graph.ts";

/**
 * Finds dependencies that the workspace resolved to a version outside of the published range. Overrides, patches of
 * manifests and the like are not published: consumers get something else than what was judged and tested.
 */
export function findOverridden(graph: ReleaseGraph): Observation[] {
  const found = [...graph.nodes.values()].flatMap((node) => [
    ...findInSection(graph, node, node.manifest.dependencies),
    ...findInSection(graph, node, node.manifest.optionalDependencies),
  ]);
  // The same version with other peers is another node, and says the same.
  return [...new Map(found.map((observation) => [observation.message, observation])).values()];
}

function findInSection(graph: ReleaseGraph, node: GraphNode, section: Record<string, string>): Observation[] {
  return Object.entries(section).flatMap(([name, specifier]) => {
    const target = graph.nodes.get(node.resolved.get(name)?.key ?? "");
    const range = rangeOf(specifier);
    if (target === undefined || range === undefined || valid(target.version) === null) return [];
    if (satisfies(target.version, range, { includePrerelease: true })) return [];
    return [describe(graph, { node, name, range, target })];
  });
}

/** The range in `^1.0.0` or `npm:other@^1.0.0`; undefined for tags, git addresses and what is linked. */
function rangeOf(specifier: string): string | undefined {
  const range = specifier.startsWith("npm:")
    ? specifier.slice(specifier.indexOf("@", "npm:".length + 1) + 1)
    : specifier;
  return validRange(range) === null ? undefined : range;
}

function describe(
  graph: ReleaseGraph,
  { node, name, range, target }: { node: GraphNode; name: string; range: string; target: GraphNode },
): Observation {
  return {
    rule: "range-overridden",
    package: graph.released.name,
    dependency: target.id,
    where: wayTo(graph, target.id),
    message: `${node.id} asks for ${name} ${range}, and the workspace resolves it to ${target.version}.`,
    why: "Overrides of a workspace are not published: consumers get another version than the one that was judged and tested.",
    fix: `Remove the override of ${name} from pnpm-workspace.yaml, and raise ${node.isOwn ? "the range" : `what brings ${node.id}`} instead.`,
    severity: "error",
  };
}
