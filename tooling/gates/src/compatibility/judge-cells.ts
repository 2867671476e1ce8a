import type { GateInput } from "../gate.ts";
import type { CellStore } from "./cell-store.ts";
import type { CompatibilityCell } from "./cell.ts";
import { checkTree } from "./check-tree.ts";
import { type Execution, type ExecutionOptions, executeConsumer } from "./execute-consumer.ts";
import type { Consumer, Pin } from "./plan-consumer.ts";
import type { ResolvedTree } from "./resolve-consumer.ts";
import { planUnits, type Subject, type Surroundings, type Unit } from "./plan-units.ts";
import { renderReproduction } from "./reproduce.ts";
import type { Workbench } from "./workbench.ts";

/** All that cells need. */
export interface MatrixOptions {
  input: GateInput;
  subjects: readonly Subject[];
  surroundings: Surroundings;
  bench: Workbench;
  store: CellStore;
  running: ExecutionOptions["running"];
}

/** Executes every cell: each package, in each resolution, with each manager, on each Node that the package claims. */
export async function judgeCells(options: MatrixOptions): Promise<CompatibilityCell[]> {
  const { input, subjects, surroundings } = options;
  const { managers } = input.tools;
  const units = planUnits(subjects, { managers, overrides: overridesOf(input) });
  const total = units.reduce((sum, { subject }) => sum + subject.claims.claimed.length, 0);
  let done = 0;
  const judged = units.map(async (unit) => {
    const { subject, resolution, consumer } = unit;
    const execution = {
      ...toExecution(subject, options, consumer),
      check: (tree: ResolvedTree) =>
        checkTree(tree, {
          consumer,
          own: surroundings.own,
          integrities: resolution === "locked" ? subject.lockfile.integrities : undefined,
        }),
    };
    const executions = await executeConsumer(consumer, subject.claims.claimed, execution);
    done += executions.length;
    input.onProgress?.(`${done} of ${total} cells`);
    return executions.map((entry) => describeCell(unit, entry, options));
  });
  return (await Promise.all(judged)).flat().toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

/** Versions that every consumer's project overrides by policy. */
export function overridesOf({ policy }: GateInput): Pin[] {
  return policy.compatibility.overrides.map(({ package: name, version }) => ({ name, spec: version }));
}

/** How consumers of a package are executed. */
export function toExecution(
  { contract }: Pick<Subject, "contract">,
  { input, surroundings, bench, store, running }: MatrixOptions,
  consumer?: Consumer,
): ExecutionOptions {
  return {
    bench,
    store,
    running,
    catalogue: surroundings.catalogue,
    contracts: contract.files,
    contractTimeoutMs: input.policy.compatibility.contractTimeoutSeconds * 1000,
    ...(consumer === undefined ? {} : { check: (tree) => checkTree(tree, { consumer, own: surroundings.own }) }),
  };
}

function describeCell(
  { subject, resolution, manager, consumer }: Unit,
  execution: Execution,
  { bench, input }: MatrixOptions,
): CompatibilityCell {
  const { overrides } = input.policy.compatibility;
  const { node, key, outcome, reused, dependencies, inputs } = execution;
  const unlocked = resolution === "locked" ? subject.unlocked : [];
  const notes = [
    ...unlocked.map((name) => `The lockfile does not have ${name}: it is the newest.`),
    ...overrides.map(({ package: name, version, reason }) => `${name} is overridden to ${version}: ${reason}`),
  ];
  return {
    key,
    package: subject.released.name,
    version: subject.released.version,
    resolution,
    node,
    manager,
    ...outcome,
    reused,
    dependencies,
    inputs,
    ...(notes.length === 0 ? {} : { notes }),
    reproduce: renderReproduction({
      consumer,
      node,
      managerVersion: bench.managers.get(manager) ?? "",
      contracts: subject.contract.files,
    }),
  };
}

function sortKey({ package: name, resolution, manager, node }: CompatibilityCell): string {
  return [name, resolution, manager, node].join(" ");
}
