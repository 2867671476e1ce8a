/** What a column holds, in words that both databases have a type for. */
export type ColumnType = "text" | "integer" | "real" | "boolean" | "instant" | "json";

/** A column. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Default: false. */
  readonly nullable?: boolean;
  /** What rows get that say nothing. */
  readonly fallback?: string | number | boolean;
}

/** A table. */
export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly primaryKey: readonly string[];
}

/** An index. */
export interface Index {
  readonly name: string;
  readonly table: string;
  readonly columns: readonly string[];
  readonly isUnique?: boolean;
  /** Only the rows in which this column has this value. */
  readonly only?: { readonly column: string; readonly is: boolean | string };
}
