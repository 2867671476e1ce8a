import type { Row, Value } from "../database/database.ts";

/** What the thread is started with. */
export interface WorkerSettings {
  readonly file: string;
  /** Milliseconds to wait for another process that writes. */
  readonly lockTimeout: number;
  readonly readOnly: boolean;
}

/** A statement for the thread; without `sql`: close the file. */
export interface Request {
  readonly id: number;
  readonly sql?: string;
  readonly values: readonly Value[];
}

/** What the thread says to a request. */
export type Answer =
  | { readonly id: number; readonly rows: readonly Row[] }
  | { readonly id: number; readonly error: { readonly message: string; readonly code: number | undefined } };
