import { createHash } from "node:crypto";
import type { ProductionClosure } from "../closure/component.ts";
import { readLockfile } from "../closure/read-lockfile.ts";
import { resolveClosure } from "../closure/read-production-closure.ts";
import { createGate, type Inspection, type Observation } from "../create-gate.ts";
import type { Gate, GateInput } from "../gate.ts";
import { compareText } from "../text/compare-text.ts";
import { askRegistry } from "./ask-registry.ts";
import { type ConflictsDetails, describeConflicts } from "./conflicts-details.ts";
import { findEngineConflicts } from "./find-engine-conflicts.ts";
import { findLookalikes } from "./find-lookalikes.ts";
import { findOverridden } from "./find-overridden.ts";
import { findPeerConflicts } from "./find-peer-conflicts.ts";
import { findRepeated } from "./find-repeated.ts";
import { findUnmaintained } from "./find-unmaintained.ts";
import { findExoticRanges, findUnsound, isExotic } from "./find-unsound.ts";
import { findUnusedEntries } from "./find-unused-entries.ts";
import { mergeWarnings } from "./merge-warnings.ts";
import { readInstalledScripts } from "./read-installed-scripts.ts";
import { type ConflictFacts, readReleaseGraph, type ReleaseGraph } from "./release-graph.ts";

/** Judges how the packages of each production closure get along: with each other, with Node, and with their maintainers. */
export const conflictsGate: Gate = createGate({
  name: "conflicts",
  title: "The dependencies agree with each other and are maintained",
  inspect,
});

async function inspect(input: GateInput): Promise<Inspection> {
  const lockfile = await readLockfile(input.workspace);
  const closures = input.packages.map((released) => ({ released, closure: resolveClosure(lockfile, released.folder) }));
  const names = namesOf(closures.map(({ closure }) => closure));
  const { facts: packages, unreachable } = await askRegistry(names, input);
  const graphs = closures.map(({ released, closure }) => readReleaseGraph(released, closure, { lockfile, packages }));
  const facts: ConflictFacts = {
    graphs,
    packages,
    installedScripts: await readScripts(graphs, input.workspace),
    policy: input.policy.conflicts,
    promisedNodes: input.tools.nodes,
    now: input.now,
  };
  const details = describeConflicts(facts);
  const inspection = {
    checked: details.packages.length + graphs.length,
    observations: mergeWarnings(graphs.flatMap((graph) => findConflicts(graph, facts))),
    inputs: [
      { name: "pnpm-lock.yaml", digest: lockfile.digest },
      { name: "what the registry says of the packages", digest: digestOf(details, graphs) },
    ],
    details,
  };
  const notRun = explainUnknown(names, facts, unreachable);
  if (notRun !== undefined) return { ...inspection, observations: withoutUnknown(inspection.observations), notRun };
  return { ...inspection, observations: [...inspection.observations, ...findUnusedEntries(facts)] };
}

/** Everything that stands against the closure of one released package. */
function findConflicts(graph: ReleaseGraph, facts: ConflictFacts): Observation[] {
  return [
    ...findRepeated(graph, facts.policy.singletons),
    ...findPeerConflicts(graph),
    ...findOverridden(graph),
    ...findEngineConflicts(graph, facts.promisedNodes),
    ...findExoticRanges(graph),
    ...findUnsound(graph, facts),
    ...findUnmaintained(graph, facts),
    ...findLookalikes(graph, facts),
  ];
}

/** Names that a registry is asked about, each once. */
function namesOf(closures: readonly ProductionClosure[]): string[] {
  const asked = closures
    .flatMap(({ components }) => components)
    .filter((component) => component.folder === undefined && !isExotic(component));
  return [...new Set(asked.map(({ name }) => name))].toSorted();
}

async function readScripts(
  graphs: readonly ReleaseGraph[],
  workspace: string,
): Promise<Map<string, readonly string[]>> {
  const scripts = new Map<string, readonly string[]>();
  for (const graph of graphs) {
    // oxlint-disable-next-line no-await-in-loop -- closures overlap: what one has read the next need not read
    await readInstalledScripts(graph, workspace, scripts);
  }
  return scripts;
}

/** Why nothing is known of the dependencies as a whole; undefined if something is, or if there are none. */
function explainUnknown(
  names: readonly string[],
  { packages }: ConflictFacts,
  unreachable: string | undefined,
): string | undefined {
  if (unreachable !== undefined) return `the registry of the dependencies cannot be asked: ${unreachable}`;
  if (names.length === 0 || names.some((name) => packages.get(name) !== undefined)) return undefined;
  return `the registry of the dependencies knows none of the ${names.length} packages`;
}

/** That each single package is unknown says no more than that all are. */
function withoutUnknown(observations: readonly Observation[]): Observation[] {
  return observations.filter(({ rule }) => rule !== "package-unknown");
}

function digestOf({ packages }: ConflictsDetails, graphs: readonly ReleaseGraph[]): string {
  const manifests = graphs.flatMap(({ nodes }) =>
    [...nodes.values()].map(({ id, manifest }) => [id, { ...manifest, peers: [...manifest.peers] }] as const),
  );
  const text = JSON.stringify([packages, [...new Map(manifests)].toSorted(([a], [b]) => compareText(a, b))]);
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
