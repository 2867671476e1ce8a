import type { Observation } from "../create-gate.ts";
import type { CompatibilityCell } from "./cell.ts";
import { findBrokenFloors } from "./find-floors.ts";
import { type MatrixOptions, overridesOf, toExecution } from "./judge-cells.ts";
import { findBeside, observeFloors, observeNewest, observeOther, sortFailures } from "./observe-failures.ts";
import type { Subject } from "./plan-units.ts";

/** Explains the failed cells of all packages; where a lowest version is to blame, by trying which. */
export async function judgeFailures(
  cells: readonly CompatibilityCell[],
  options: MatrixOptions,
): Promise<Observation[]> {
  const judged = options.subjects.map((subject) => {
    const own = cells.filter((cell) => cell.package === subject.released.name);
    return judgeSubject(subject, own, options);
  });
  return (await Promise.all(judged)).flat();
}

async function judgeSubject(
  subject: Subject,
  cells: readonly CompatibilityCell[],
  options: MatrixOptions,
): Promise<Observation[]> {
  const failures = sortFailures(cells);
  const observations = [...observeNewest(failures.newest, cells), ...observeOther(failures.other, cells)];
  // pnpm is the faster one to try things with.
  const lowest = failures.floor.find(({ manager }) => manager === "pnpm") ?? failures.floor[0];
  const newest = lowest === undefined ? undefined : findBeside(cells, lowest, "newest");
  if (lowest === undefined || newest === undefined) return observations;
  const search = await findBrokenFloors(
    subject,
    { lowest, newest },
    {
      execution: toExecution(subject, options),
      pins: overridesOf(options.input),
      maxTries: options.input.policy.compatibility.maxFloorTries,
    },
  );
  return [...observations, ...observeFloors({ lowest, newest }, search, { failed: failures.floor, all: cells })];
}
