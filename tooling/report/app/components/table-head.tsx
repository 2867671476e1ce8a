import type { TableColumn } from "../../src/tables/report-table.ts";
import type { GridNavigation } from "./use-grid-navigation.ts";
import type { TableState } from "./use-report-table.ts";

const widths: Readonly<Record<TableColumn["type"], number>> = {
  text: 160,
  number: 92,
  bytes: 100,
  duration: 92,
  date: 160,
  verdict: 110,
  digest: 180,
  code: 320,
};

/** Width of a column in CSS pixels. */
export function widthOf({ width, type }: TableColumn): number {
  return width ?? widths[type];
}

/** Whether a column's values are numbers, which stand at the right. */
export function isNumeric({ type }: TableColumn): boolean {
  return type === "number" || type === "bytes" || type === "duration";
}

interface TableHeadProps {
  columns: readonly TableColumn[];
  state: TableState;
  grid: GridNavigation;
}

/** Titles of columns; a click or Enter sorts by one: up, down, not. */
export function TableHead({ columns, state, grid }: TableHeadProps) {
  const [sorted] = state.sorting;
  const orderOf = (id: string) => (sorted?.id === id ? (sorted.desc ? "descending" : "ascending") : "none");
  return (
    <>
      <colgroup>
        {columns.map((column) => (
          <col key={column.id} style={{ width: `${widthOf(column)}px` }} />
        ))}
      </colgroup>
      <thead>
        <tr aria-rowindex={1}>
          {columns.map((column, index) => (
            <th key={column.id} scope="col" aria-sort={orderOf(column.id)} class={isNumeric(column) ? "numeric" : ""}>
              <button
                type="button"
                data-row={-1}
                data-column={index}
                tabIndex={grid.row === -1 && grid.column === index ? 0 : -1}
                title={column.description}
                onClick={() => state.sortBy(column.id)}
              >
                {column.title}
                <span class="order" aria-hidden="true">
                  {{ ascending: "▲", descending: "▼", none: "" }[orderOf(column.id)]}
                </span>
              </button>
            </th>
          ))}
        </tr>
      </thead>
    </>
  );
}
