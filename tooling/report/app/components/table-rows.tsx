import { memo } from "preact/compat";
import type { CellValue, TableColumn, TableRow } from "../../src/tables/report-table.ts";
import { formatValue, toneOf } from "../state/format.ts";
import { isNumeric, startsGroup } from "./table-head.tsx";
import type { GridNavigation } from "./use-grid-navigation.ts";
import type { ModelRow } from "./use-report-table.ts";
import { Verdict } from "./verdict.tsx";

interface GroupRowProps {
  row: ModelRow;
  index: number;
  columns: readonly TableColumn[];
  grid: GridNavigation;
}

/** The head of a group: what its rows have in common, and how many they are. */
export function GroupRow({ row, index, columns, grid }: GroupRowProps) {
  const column = columns.find(({ id }) => id === row.groupingColumnId);
  return (
    <tr class="group" aria-rowindex={index + 2}>
      <td colSpan={columns.length} data-row={index} data-column={0} tabIndex={grid.row === index ? 0 : -1}>
        <span class="group-title">
          {column?.title}: {String(row.groupingValue)}
        </span>{" "}
        <span class="group-count">{row.subRows.length}</span>
      </td>
    </tr>
  );
}

interface ValueRowProps {
  row: TableRow;
  index: number;
  columns: readonly TableColumn[];
  /** The column that has the grid's place for the keyboard, if it is in this row. */
  active: number | undefined;
  onOpen?: ((row: TableRow, column: string) => void) | undefined;
  opens?: ((row: TableRow, column: string) => boolean) | undefined;
}

/** A row of values. Nothing in it is rendered anew while others scroll by. */
export const ValueRow = memo(({ row, index, columns, active, onOpen, opens }: ValueRowProps) => (
  <tr aria-rowindex={index + 2}>
    {columns.map((column, place) => {
      const isOpening = onOpen !== undefined && (opens?.(row, column.id) ?? true);
      const value = row.values[column.id] ?? null;
      return (
        <td
          key={column.id}
          data-row={index}
          data-column={place}
          data-opens={isOpening ? "" : undefined}
          tabIndex={active === place ? 0 : -1}
          class={classOf(column, { isOpening, isFirst: startsGroup(columns, place), value })}
          title={typeof value === "string" && value.length > 14 ? value : undefined}
          onClick={isOpening ? () => onOpen(row, column.id) : undefined}
        >
          <Value column={column} value={value} />
        </td>
      );
    })}
  </tr>
));

function Value({ column, value }: { column: TableColumn; value: CellValue }) {
  const text = formatValue(value, column.type);
  if (column.type === "verdict" && value !== null) return <Verdict word={text} />;
  if (column.type === "digest" || column.type === "code") return <code>{text}</code>;
  return <>{text}</>;
}

interface CellLook {
  isOpening: boolean;
  isFirst: boolean;
  value: CellValue;
}

/** A verdict under a shared title fills its cell: the matrix is read by looking at it. */
function classOf(column: TableColumn, { isOpening, isFirst, value }: CellLook): string | undefined {
  const fills = column.under !== undefined && typeof value === "string" ? `fills ${toneOf(value)}` : "";
  const classes = [isNumeric(column) ? "numeric" : "", isOpening ? "opens" : "", isFirst ? "starts" : "", fills];
  return classes.filter(Boolean).join(" ") || undefined;
}
