import type { GateResult } from "@hxp/release-gates";
import { z } from "zod";

const cellSchema = z.looseObject({
  package: z.string(),
  resolution: z.string(),
  node: z.string(),
  manager: z.string(),
  verdict: z.string(),
  dependencies: z.array(z.looseObject({ name: z.string(), version: z.string() })).default([]),
});
const detailsSchema = z.looseObject({ cells: z.array(cellSchema) });

type Cell = z.output<typeof cellSchema>;

/** What an update changed in the compatibility matrix. */
export interface MatrixDifference {
  /** Cells of the new matrix. */
  cells: number;
  /** Cells that ran with other versions of their dependencies than before. */
  changed: number;
  added: number;
  removed: number;
  /** Each dependency that some cell had in another version, as `name: resolution before → after`. */
  versions: string[];
}

/** Compares two executed matrices; undefined where one of them was not executed. */
export function compareMatrices(
  before: readonly GateResult[],
  after: readonly GateResult[],
): MatrixDifference | undefined {
  const [old, present] = [readCells(before), readCells(after)];
  if (old === undefined || present === undefined) return undefined;
  const shared = [...present].flatMap(([key, cell]) => {
    const other = old.get(key);
    return other === undefined ? [] : [{ cell, other }];
  });
  const differences = shared.map(({ cell, other }) => versionChanges(other, cell));
  return {
    cells: present.size,
    changed: differences.filter((changes) => changes.length > 0).length,
    added: present.size - shared.length,
    removed: old.size - shared.length,
    versions: [...new Set(differences.flat())].toSorted(),
  };
}

/** The lines of a commit message. */
export function renderMatrixDifference(difference: MatrixDifference | undefined): string[] {
  if (difference === undefined) return ["Matrix: not executed."];
  const { cells, changed, added, removed, versions } = difference;
  const parts = [`${changed} with other versions`, `${added} new`, `${removed} gone`];
  return [`Matrix: ${cells} cells passed, ${parts.join(", ")}.`, ...versions.map((line) => `- ${line}`)];
}

function readCells(results: readonly GateResult[]): Map<string, Cell> | undefined {
  const result = results.find(({ gate }) => gate === "compatibility");
  const details = detailsSchema.safeParse(result?.details);
  if (!details.success) return undefined;
  return new Map(details.data.cells.map((cell) => [keyOf(cell), cell]));
}

function keyOf(cell: Cell): string {
  return [cell.package, cell.resolution, cell.node, cell.manager].join(" ");
}

function versionChanges(before: Cell, after: Cell): string[] {
  const old = new Map(before.dependencies.map(({ name, version }) => [name, version]));
  return after.dependencies.flatMap(({ name, version }) => {
    const was = old.get(name);
    return was === version ? [] : [`${name}: ${after.resolution} ${was ?? "none"} → ${version}`];
  });
}
