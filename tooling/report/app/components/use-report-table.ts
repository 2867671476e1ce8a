import {
  columnFilteringFeature,
  columnGroupingFeature,
  type ColumnDef,
  createExpandedRowModel,
  createFilteredRowModel,
  createGroupedRowModel,
  createSortedRowModel,
  globalFilteringFeature,
  type Row,
  rowExpandingFeature,
  rowSortingFeature,
  tableFeatures,
  useTable,
} from "@tanstack/preact-table";
import { useMemo, useState } from "preact/hooks";
import type { CellValue, ReportTable, TableRow } from "../../src/tables/report-table.ts";

const features = tableFeatures({
  columnFilteringFeature,
  globalFilteringFeature,
  rowSortingFeature,
  columnGroupingFeature,
  rowExpandingFeature,
  filteredRowModel: createFilteredRowModel(),
  sortedRowModel: createSortedRowModel(),
  groupedRowModel: createGroupedRowModel(),
  expandedRowModel: createExpandedRowModel(),
});

/** A row as the table component has it: one of the data, or the head of a group. */
export type ModelRow = Row<typeof features, TableRow>;

type Features = typeof features;
const noGroups: string[] = [];

/** A table with its order, filters and groups, by TanStack Table. */
export function useReportTable({ columns, rows }: ReportTable) {
  const [search, setSearch] = useState("");
  const [filters, setFilters] = useState<{ id: string; value: string }[]>([]);
  const [sorting, setSorting] = useState<{ id: string; desc: boolean }[]>([]);
  const [group, setGroup] = useState<string>("");
  const definitions = useMemo(() => columns.map((column) => toDefinition(column.id)), [columns]);
  const grouping = useMemo(() => (group === "" ? noGroups : [group]), [group]);
  const table = useTable({
    features,
    columns: definitions,
    data: rows,
    state: { globalFilter: search, columnFilters: filters, sorting, grouping, expanded: true },
    globalFilterFn: includesText,
    getColumnCanGlobalFilter: () => true,
    autoResetExpanded: false,
    groupedColumnMode: false,
    enableMultiSort: false,
  });
  const filterBy = (id: string, value: string): void =>
    setFilters([...filters.filter((filter) => filter.id !== id), ...(value === "" ? [] : [{ id, value }])]);
  const sortBy = (id: string): void => {
    const [current] = sorting;
    if (current?.id !== id) setSorting([{ id, desc: false }]);
    else setSorting(current.desc ? [] : [{ id, desc: true }]);
  };
  const clear = (): void => {
    setSearch("");
    setFilters([]);
  };
  const model = table.getRowModel().rows;
  const shown = useMemo(() => model.filter((row) => !row.getIsGrouped()).map((row) => row.original), [model]);
  return { model, shown, search, setSearch, filters, filterBy, sorting, sortBy, group, setGroup, clear };
}

/** What {@link useReportTable} gives. */
export type TableState = ReturnType<typeof useReportTable>;

function toDefinition(id: string): ColumnDef<Features, TableRow> {
  return {
    id,
    accessorFn: (row) => row.values[id] ?? null,
    sortFn: (left, right) => compareValues(left.original.values[id] ?? null, right.original.values[id] ?? null),
    filterFn: (row, _id, value) => formatKey(row.original.values[id] ?? null) === value,
    getGroupingValue: (row) => formatKey(row.values[id] ?? null),
  };
}

/** A value as filters and groups name it. */
export function formatKey(value: CellValue): string {
  return value === null || value === "" ? "not known" : String(value);
}

/** Every word that is searched for must be somewhere in the row. */
function includesText(row: ModelRow, _id: string, search: string): boolean {
  const text = Object.values(row.original.values).join("\n").toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

const collator = new Intl.Collator("en", { numeric: true });

/** Numbers by size, texts as people order them, what is not known last. */
function compareValues(left: CellValue, right: CellValue): number {
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  if (typeof left === "number" && typeof right === "number") return left - right;
  return collator.compare(String(left), String(right));
}
