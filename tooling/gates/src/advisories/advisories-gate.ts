import { readLockfile } from "../closure/read-lockfile.ts";
import { resolveClosure } from "../closure/read-production-closure.ts";
import { createGate, type Inspection, type Observation } from "../create-gate.ts";
import type { Gate, GateInput, InputDigest } from "../gate.ts";
import { toDetails } from "./advisories-details.ts";
import type { DatabaseManifest } from "./database/database-format.ts";
import { findMatches, listComponents, type Match } from "./find-matches.ts";
import { importCommand, observeSnapshot } from "./observe-snapshot.ts";
import { observeMatch, type Occurrence } from "./observe-match.ts";
import { observeStatements } from "./observe-statements.ts";
import { type CodeStore, createCodeStore } from "./reachability/code-store.ts";
import { findReachability } from "./reachability/find-reachability.ts";
import { type AdvisorySources, readSources } from "./read-sources.ts";
import { findAnswer } from "./vex/find-answer.ts";
import { readStatements } from "./vex/read-statements.ts";
import type { Statement } from "./vex/statement.ts";

/**
 * Looks up each package of each production closure, and the released ones, among the advisories of an imported snapshot
 * and of the registry. What is found needs a mended version or an answer: a statement with reason, owner and last day.
 */
export const advisoriesGate: Gate = createGate({
  name: "advisories",
  title: "No dependency has a known vulnerability that nobody answers for",
  inspect,
});

async function inspect(input: GateInput): Promise<Inspection> {
  const { workspace, packages, now } = input;
  const policy = input.policy.advisories;
  const lockfile = await readLockfile(workspace);
  const closures = packages.map(({ folder }) => resolveClosure(lockfile, folder));
  const components = [...listComponents(closures).values()].map(({ component }) => component);
  const sources = await readSources(input, components);
  const { snapshot, registry } = sources;
  const inputs = [{ name: "pnpm-lock.yaml", digest: lockfile.digest }, ...snapshotInputs(snapshot)];
  if (snapshot === undefined && !registry.answered) return notRun(sources, inputs);
  // The registry alone is not asked for packages of the workspace.
  const checked = components.filter(({ folder }) => snapshot !== undefined || folder === undefined).length;
  input.onProgress?.(`${checked} packages looked up`);
  const { statements, problems, inputs: files } = await readStatements(workspace, policy.vex);
  const matches = findMatches(closures, sources.advisories);
  const occurrences = await findOccurrences(matches, { statements, now, store: createCodeStore(input) });
  const released = new Set(packages.map(({ name }) => name));
  return {
    checked,
    observations: [
      ...observeSources(sources, input),
      ...occurrences.map((occurrence) => observeMatch(occurrence, { policy, now })),
      ...observeStatements({ statements, problems }, { occurrences, released, now }),
    ],
    inputs: [...inputs, ...files],
    observed: observe(sources),
    details: toDetails(occurrences, { snapshot, registry, checked }),
  };
}

function notRun(sources: AdvisorySources, inputs: InputDigest[]): Inspection {
  const notRunReason = `no advisory snapshot is imported, and of the registry: ${sources.registry.says}. ${importCommand}`;
  return { checked: 0, observations: [], inputs, observed: observe(sources), notRun: notRunReason };
}

async function findOccurrences(
  matches: readonly Match[],
  { statements, now, store }: { statements: readonly Statement[]; now: Date; store: CodeStore },
): Promise<Occurrence[]> {
  const found = matches.flatMap((match) =>
    match.closures.map(async (closure) => ({
      match,
      closure,
      answer: findAnswer(statements, { match, closure, now }),
      use: await findReachability(match, closure, store),
    })),
  );
  return Promise.all(found);
}

function observeSources({ snapshot, registry }: AdvisorySources, { policy, now }: GateInput): Observation[] {
  if (snapshot === undefined) return [];
  return observeSnapshot(snapshot, { policy: policy.advisories, now, hasRegistry: registry.answered });
}

function snapshotInputs(snapshot: DatabaseManifest | undefined): InputDigest[] {
  if (snapshot === undefined) return [];
  return [
    { name: `osv-npm from ${snapshot.source}`, digest: snapshot.digest },
    { name: "osv-npm index", digest: snapshot.table },
  ];
}

function observe({ snapshot, registry }: AdvisorySources): Record<string, string> {
  const { entries, source, modified, importedAt } = snapshot ?? {};
  return {
    snapshot:
      snapshot === undefined
        ? "none is imported"
        : `${entries} entries of ${source}, newest ${modified}, imported ${importedAt}`,
    registry: registry.says,
  };
}
