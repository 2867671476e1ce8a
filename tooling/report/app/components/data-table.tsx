import { useRef } from "preact/hooks";
import type { ReportTable, TableRow } from "../../src/tables/report-table.ts";
import { useIsPrinting } from "../state/use-printing.ts";
import { TableHead, widthOf } from "./table-head.tsx";
import { TableBody } from "./table-body.tsx";
import { TableToolbar } from "./table-toolbar.tsx";
import { useGridNavigation } from "./use-grid-navigation.ts";
import { useReportTable } from "./use-report-table.ts";

interface DataTableProps {
  table: ReportTable;
  release: string;
  /** What opens when a row is chosen; without it rows only show. `column` is the one that was chosen. */
  onOpen?: ((row: TableRow, column: string) => void) | undefined;
  /** Says which of a row's columns open something; default: all. */
  opens?: ((row: TableRow, column: string) => boolean) | undefined;
  /** Leaves out search, filters and export. */
  isPlain?: boolean;
}

const mostRowsAtOnce = 60;
/** More would be hundreds of sheets: the rest is in the exports, and the sheet says so. */
const mostRowsInPrint = 2500;

/** A table that is searched, filtered, sorted, grouped, walked by keyboard, exported and printed. */
export function DataTable({ table, release, onOpen, opens, isPlain = false }: DataTableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const state = useReportTable(table);
  const isPrinting = useIsPrinting();
  const { model } = state;
  const isVirtual = model.length > mostRowsAtOnce && !isPrinting;
  const scrollTo = useRef<(index: number) => void>(() => undefined);
  const grid = useGridNavigation(scroller, {
    rows: model.length,
    columns: table.columns.length,
    scrollTo: (index) => scrollTo.current(index),
  });
  const width = table.columns.reduce((sum, column) => sum + widthOf(column), 0);
  return (
    <section class="table" aria-label={table.title}>
      {!isPlain && <TableToolbar table={table} state={state} release={release} />}
      <div ref={scroller} class={isVirtual ? "scroller tall" : "scroller"}>
        <table
          role="grid"
          aria-label={table.title}
          aria-rowcount={model.length + 1}
          aria-colcount={table.columns.length}
          style={{ minWidth: `${width}px` }}
          onKeyDown={grid.onKeyDown}
          onFocusCapture={grid.onFocus}
        >
          <TableHead columns={table.columns} state={state} grid={grid} />
          <TableBody
            scroller={scroller}
            model={model}
            columns={table.columns}
            grid={grid}
            isVirtual={isVirtual}
            mostRows={mostRowsInPrint}
            scrollTo={scrollTo}
            onOpen={onOpen}
            opens={opens}
          />
        </table>
        {model.length === 0 && <p class="empty">Nothing matches.</p>}
      </div>
      {isPrinting && model.length > mostRowsInPrint && (
        <p class="print-note">
          {`The first ${mostRowsInPrint} of ${model.length} rows are printed. All are in exports/${table.id}.csv.`}
        </p>
      )}
    </section>
  );
}
