import { useMemo, useState } from "preact/hooks";
import { createDependencyMatrixTable, createMatrixTable, createPairsTable } from "../../src/tables/matrix-tables.ts";
import type { TableRow } from "../../src/tables/report-table.ts";
import { CellDialog } from "../components/cell-dialog.tsx";
import { DataTable } from "../components/data-table.tsx";
import { Missing } from "../components/facts.tsx";
import { PairDialog } from "../components/pair-dialog.tsx";
import { Tabs } from "../components/tabs.tsx";
import { Tally } from "../components/tally.tsx";
import type { PageProps } from "./page.ts";

/** Packages by dependencies by Node, as executed. */
export function MatrixPage({ data }: PageProps) {
  const compatibility = data.details.compatibility;
  const [scope, setScope] = useState("packages");
  const [opened, setOpened] = useState<readonly string[] | undefined>();
  const [pair, setPair] = useState<string | undefined>();
  const table = useMemo(() => createTable[scope]?.(data), [data, scope]);
  if (compatibility === undefined || table === undefined) {
    return <Missing>No compatibility matrix is in the evidence: nothing was executed, or it was not recorded.</Missing>;
  }
  const open = (row: TableRow, column: string): void => {
    if (scope === "pairs") setPair(row.key);
    else setOpened(row.cells?.[column]);
  };
  const chosenPair = compatibility.pairs.find((candidate, index) => (candidate.key ?? `${index}`) === pair);
  return (
    <>
      <Tally
        words={[...compatibility.cells, ...compatibility.pairs].map(({ verdict }) => verdict)}
        title="Cells and pairs"
        extra={[
          ["Node", compatibility.nodes.join(", ")],
          ["Managers", compatibility.managers.join(", ")],
          ["Reused by digest", String(compatibility.cells.filter(({ reused }) => reused === true).length)],
        ]}
      />
      <Tabs
        label="Rows of the matrix"
        value={scope}
        onChange={setScope}
        tabs={[
          ["packages", "Packages"],
          ["dependencies", "Dependencies"],
          ["pairs", `Pairs (${compatibility.pairs.length})`],
        ]}
      />
      <DataTable
        key={scope}
        table={table}
        release={data.id}
        onOpen={open}
        opens={(row, column) => scope === "pairs" || row.cells?.[column] !== undefined}
      />
      {opened && <CellDialog keys={opened} cells={compatibility.cells} onClose={() => setOpened(undefined)} />}
      {chosenPair && <PairDialog pair={chosenPair} onClose={() => setPair(undefined)} />}
    </>
  );
}

const createTable: Readonly<Record<string, typeof createMatrixTable>> = {
  packages: createMatrixTable,
  dependencies: createDependencyMatrixTable,
  pairs: createPairsTable,
};
