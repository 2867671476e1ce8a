import type { MutableRef } from "preact/hooks";
import type { RefObject } from "preact";
import type { TableColumn, TableRow } from "../../src/tables/report-table.ts";
import { GroupRow, ValueRow } from "./table-rows.tsx";
import type { GridNavigation } from "./use-grid-navigation.ts";
import type { ModelRow } from "./use-report-table.ts";
import { useVirtualRows } from "./use-virtual-rows.ts";

interface TableBodyProps {
  scroller: RefObject<HTMLElement>;
  model: readonly ModelRow[];
  columns: readonly TableColumn[];
  grid: GridNavigation;
  isVirtual: boolean;
  /** Rendered at most, where not only what is seen is rendered. */
  mostRows: number;
  /** Is given the way to scroll to a row. */
  scrollTo: MutableRef<(index: number) => void>;
  onOpen: ((row: TableRow, column: string) => void) | undefined;
  opens: ((row: TableRow, column: string) => boolean) | undefined;
}

const rowHeight = 34;

/** The rows that can be seen. It alone is rendered anew while the table scrolls. */
export function TableBody({
  scroller,
  model,
  columns,
  grid,
  isVirtual,
  mostRows,
  scrollTo,
  ...opening
}: TableBodyProps) {
  const rows = useVirtualRows(scroller, { count: model.length, height: rowHeight, enabled: isVirtual });
  scrollTo.current = rows.scrollTo;
  const last = isVirtual ? rows.last : Math.min(rows.last, mostRows - 1);
  return (
    <tbody>
      <Spacer height={rows.before} />
      {model.slice(rows.first, last + 1).map((row, place) => {
        const index = rows.first + place;
        if (row.getIsGrouped()) return <GroupRow key={row.id} row={row} index={index} columns={columns} grid={grid} />;
        return (
          <ValueRow
            key={row.original.key}
            row={row.original}
            index={index}
            columns={columns}
            active={grid.row === index ? grid.column : undefined}
            {...opening}
          />
        );
      })}
      <Spacer height={rows.after} />
    </tbody>
  );
}

function Spacer({ height }: { height: number }) {
  return height === 0 ? null : <tr aria-hidden="true" class="spacer" style={{ height: `${height}px` }} />;
}
