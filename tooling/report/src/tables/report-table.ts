/** What a cell of a table holds; null is "not known", which is written as an empty cell. */
export type CellValue = string | number | null;

/** How a column's values are read, sorted and shown. */
export type ColumnType = "text" | "number" | "bytes" | "duration" | "date" | "verdict" | "digest" | "code";

/** A column of a table. */
export interface TableColumn {
  id: string;
  title: string;
  type: ColumnType;
  /** What the values mean, where the title does not say it. */
  description?: string | undefined;
  /** Width in CSS pixels; default by type. */
  width?: number | undefined;
  /** Whether rows may be grouped by it. */
  groups?: boolean | undefined;
  /** Where pages show it under a title that several columns share, and what of its own title is left then. */
  under?: { title: string; own: string } | undefined;
}

/** A row: plain values by column, and what opens when a person asks for more. */
export interface TableRow {
  /** Names the row among those of its table. */
  key: string;
  values: Readonly<Record<string, CellValue>>;
  /** Keys of matrix cells that stand behind values, by column. */
  cells?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** A table as data: the same for the pages and for what is exported. */
export interface ReportTable {
  /** Kebab-case; names its files. */
  id: string;
  title: string;
  columns: readonly TableColumn[];
  rows: readonly TableRow[];
}

/** A verdict as a person reads it; what is not known is passed on in its own words. */
export function wordVerdict(verdict: string): string {
  return Object.hasOwn(words, verdict) ? (words[verdict] ?? verdict) : verdict;
}

const words: Readonly<Record<string, string>> = {
  passed: "Passed",
  failed: "Failed",
  waived: "Waived",
  "not-run": "Not run",
};

/** Compares texts by code unit, the same everywhere. */
export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
