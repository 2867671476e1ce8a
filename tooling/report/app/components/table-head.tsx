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
        <SharedTitles columns={columns} />
        <tr aria-rowindex={1}>
          {columns.map((column, index) => (
            <th key={column.id} scope="col" aria-sort={orderOf(column.id)} class={headClass(columns, index)}>
              <button
                type="button"
                data-row={-1}
                data-column={index}
                tabIndex={grid.row === -1 && grid.column === index ? 0 : -1}
                title={column.description}
                onClick={() => state.sortBy(column.id)}
              >
                {column.under === undefined ? (
                  column.title
                ) : (
                  <>
                    <span class="visually-hidden">{column.under.title} </span>
                    {column.under.own}
                  </>
                )}
                {orderOf(column.id) !== "none" && (
                  <span class="order" aria-hidden="true">
                    {orderOf(column.id) === "ascending" ? "▲" : "▼"}
                  </span>
                )}
              </button>
            </th>
          ))}
        </tr>
      </thead>
    </>
  );
}

function headClass(columns: readonly TableColumn[], index: number): string | undefined {
  const column = columns[index];
  if (column === undefined) return undefined;
  const narrow = column.under === undefined ? "" : "narrow";
  const classes = [isNumeric(column) ? "numeric" : "", startsGroup(columns, index) ? "starts" : "", narrow];
  return classes.filter(Boolean).join(" ") || undefined;
}

/** Whether a column is the first under a title that several share. */
export function startsGroup(columns: readonly TableColumn[], index: number): boolean {
  const title = columns[index]?.under?.title;
  return title !== undefined && columns[index - 1]?.under?.title !== title;
}

/** A row above the titles, for what several columns have in common; it only shows, each column says it by itself. */
function SharedTitles({ columns }: { columns: readonly TableColumn[] }) {
  if (columns.every(({ under }) => under === undefined)) return null;
  const runs: { title: string; span: number }[] = [];
  for (const [index, { under }] of columns.entries()) {
    const last = runs.at(-1);
    if (last !== undefined && !startsGroup(columns, index) && last.title === (under?.title ?? "")) last.span += 1;
    else runs.push({ title: under?.title ?? "", span: 1 });
  }
  return (
    <tr class="shared" aria-hidden="true">
      {runs.map(({ title, span }, index) => (
        <td key={index} colSpan={span} class={title === "" ? "" : "starts"}>
          {title}
        </td>
      ))}
    </tr>
  );
}
