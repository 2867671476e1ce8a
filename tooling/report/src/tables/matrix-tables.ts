import type { CompatibilityCell } from "../evidence/details-schemas.ts";
import type { ReportData } from "../report-data.ts";
import {
  bandOfAge,
  type DependencyFacts,
  listDependencyFacts,
  monthsBetween,
  timeOfRelease,
} from "./dependency-facts.ts";
import {
  type CellValue,
  compareText,
  type ReportTable,
  type TableColumn,
  type TableRow,
  wordVerdict,
} from "./report-table.ts";

const factColumns: readonly TableColumn[] = [
  { id: "licence", title: "Licence", type: "text", width: 110, groups: true },
  { id: "age", title: "Age", type: "text", width: 120, groups: true, description: "Since it was published" },
  { id: "depth", title: "Depth", type: "number", width: 80, groups: true, description: "1 is a direct dependency" },
];

/** One row a package and manager: a cell for each resolution and Node, as it was executed. */
export function createMatrixTable(data: ReportData): ReportTable {
  const { cells = [] } = data.details.compatibility ?? {};
  const columns = listCellColumns(data);
  const unclaimed = listUnclaimed(data);
  const licences = new Map(data.sboms.map(({ id, components, root }) => [id, components.find((c) => c.ref === root)]));
  const rows = [...Map.groupBy(cells, (cell) => `${cell.package}@${cell.version} ${cell.manager}`)].map(
    ([key, group]): TableRow => {
      const { package: name = "", version = "", manager = "" } = group[0] ?? {};
      return withCells(group, columns, {
        key,
        unclaimed: unclaimed.get(`${name}@${version}`) ?? [],
        values: {
          package: name,
          version,
          manager,
          dependencies: new Set(group.flatMap((cell) => cell.dependencies.map((dependency) => dependency.name))).size,
          licence: licences.get(`${name}@${version}`)?.licence ?? null,
        },
      });
    },
  );
  return {
    id: "matrix",
    title: "Matrix of packages",
    columns: [
      { id: "package", title: "Package", type: "text", width: 158, groups: true },
      { id: "version", title: "Version", type: "text", width: 78 },
      { id: "manager", title: "Manager", type: "text", width: 88, groups: true },
      ...columns,
      { id: "dependencies", title: "Direct", type: "number", width: 76, description: "Direct dependencies and peers" },
      { id: "licence", title: "Licence", type: "text", width: 110, groups: true },
    ],
    rows: rows.toSorted((left, right) => compareText(left.key, right.key)),
  };
}

/** One row a dependency: what the cells say in which it was installed by name, with the versions that were tried. */
export function createDependencyMatrixTable(data: ReportData): ReportTable {
  const columns = listCellColumns(data);
  const byName = new Map<string, CompatibilityCell[]>();
  for (const cell of data.details.compatibility?.cells ?? []) {
    for (const { name } of cell.dependencies) {
      const known = byName.get(name);
      if (known === undefined) byName.set(name, [cell]);
      else known.push(cell);
    }
  }
  const facts = listDependencyFacts(data);
  const rows = facts.map((fact) => toDependencyRow(fact, { data, columns, cells: byName.get(fact.name) ?? [] }));
  return {
    id: "matrix-dependencies",
    title: "Matrix of dependencies",
    columns: [
      { id: "dependency", title: "Dependency", type: "text", width: 158 },
      { id: "version", title: "Locked", type: "text", width: 78 },
      { id: "advisory", title: "Advisory", type: "text", width: 88, groups: true, description: "Highest severity" },
      ...columns,
      ...factColumns,
      { id: "usedBy", title: "Used by", type: "text", width: 220 },
    ],
    rows,
  };
}

/** Which versions of our own packages were tried with which. */
export function createPairsTable({ details }: ReportData): ReportTable {
  return {
    id: "matrix-pairs",
    title: "Pairs among the released packages",
    columns: [
      { id: "package", title: "Package", type: "text", width: 210, groups: true },
      { id: "version", title: "Version", type: "text", width: 90 },
      { id: "other", title: "With", type: "text", width: 210, groups: true },
      { id: "otherVersion", title: "Of version", type: "text", width: 100 },
      { id: "node", title: "Node", type: "text", width: 100, groups: true },
      { id: "manager", title: "Manager", type: "text", width: 92, groups: true },
      { id: "verdict", title: "Verdict", type: "verdict", width: 110, groups: true },
      { id: "durationMs", title: "Took", type: "duration" },
      { id: "startedAt", title: "Executed", type: "date" },
      { id: "reproduce", title: "Reproduce", type: "code", width: 420 },
    ],
    rows: (details.compatibility?.pairs ?? []).map((pair, index) => ({
      key: pair.key ?? `${index}`,
      values: {
        package: pair.package,
        version: pair.version,
        other: pair.other,
        otherVersion: pair.otherVersion,
        node: pair.node,
        manager: pair.manager,
        verdict: wordVerdict(pair.verdict),
        durationMs: pair.durationMs ?? null,
        startedAt: pair.startedAt ?? null,
        reproduce: pair.reproduce ?? null,
      },
    })),
  };
}

/** Id of the column of a resolution on a Node. */
function columnId(resolution: string, node: string): string {
  return `${resolution} ${node}`;
}

function listCellColumns({ details }: ReportData): TableColumn[] {
  const { nodes = [], resolutions = [], cells = [] } = details.compatibility ?? {};
  // What cells name counts, too: a column that the head forgot must not hide them.
  const allNodes = [...new Set([...nodes, ...cells.map(({ node }) => node)])];
  const allResolutions = [...new Set([...resolutions, ...cells.map(({ resolution }) => resolution)])];
  return allResolutions.flatMap((resolution) =>
    allNodes.map((node) => ({
      id: columnId(resolution, node),
      title: `${resolution} ${majorOf(node)}`,
      under: { title: `${resolution} versions`, own: `Node ${majorOf(node)}` },
      type: "verdict" as const,
      width: 74,
      description: `${resolution} versions on Node ${node}`,
    })),
  );
}

function majorOf(node: string): string {
  return node.split(".")[0] ?? node;
}

/** Nodes that a package does not claim to run on, by `name@version`. */
function listUnclaimed({ details }: ReportData): ReadonlyMap<string, readonly string[]> {
  const nodes = Map.groupBy(
    details.compatibility?.unclaimedNodes ?? [],
    (entry) => `${entry.package}@${entry.version}`,
  );
  return new Map([...nodes].map(([id, entries]) => [id, entries.map(({ node }) => node)]));
}

interface RowStart extends TableRow {
  unclaimed?: readonly string[];
}

function withCells(
  cells: readonly CompatibilityCell[],
  columns: readonly TableColumn[],
  { unclaimed = [], ...row }: RowStart,
): TableRow {
  const groups = Map.groupBy(cells, ({ resolution, node }) => columnId(resolution, node));
  const isUnclaimed = (id: string): boolean => unclaimed.some((node) => id.endsWith(` ${node}`));
  const entries = columns.map(({ id }): [string, CellValue] => {
    const group = groups.get(id) ?? [];
    return [id, group.length === 0 && isUnclaimed(id) ? "Not claimed" : summarise(group)];
  });
  const keys = columns.flatMap(({ id }): [string, string[]][] => {
    const group = groups.get(id);
    return group === undefined ? [] : [[id, group.map(({ key }) => key)]];
  });
  return { ...row, values: { ...row.values, ...Object.fromEntries(entries) }, cells: Object.fromEntries(keys) };
}

/** The worst verdict speaks; a cell that nobody executed is said to be that. */
function summarise(cells: readonly CompatibilityCell[]): string {
  if (cells.length === 0) return "Not run";
  const failed = cells.filter(({ verdict }) => verdict !== "passed");
  if (failed.length === 0) return "Passed";
  const [first] = failed;
  return cells.length === 1 ? wordVerdict(first?.verdict ?? "failed") : `Failed ${failed.length} of ${cells.length}`;
}

function toDependencyRow(
  fact: DependencyFacts,
  { data, columns, cells }: { data: ReportData; columns: readonly TableColumn[]; cells: readonly CompatibilityCell[] },
): TableRow {
  const row = withCells(cells, columns, {
    key: fact.id,
    values: {
      dependency: fact.name,
      version: fact.version,
      licence: fact.licence ?? null,
      advisory: fact.advisory ?? null,
      age: bandOfAge(monthsBetween(fact.published, timeOfRelease(data))),
      depth: fact.depth ?? null,
      usedBy: fact.usedBy.join(", "),
    },
  });
  if (cells.length > 0) return row;
  // Cells install it below something else, and do not say in which version.
  const indirect = columns.map(({ id }): [string, CellValue] => [id, "Indirect"]);
  return { ...row, values: { ...row.values, ...Object.fromEntries(indirect) } };
}
