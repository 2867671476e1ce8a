import type { Session } from "../database/database.ts";
import type { Column, Index, Table } from "../schema/table.ts";

/** What would be lost now, in words; undefined: nothing. */
export type Loss = (session: Session) => Promise<string | undefined>;

/** What one step of a migration does. All but a fill are undone by their opposite. */
export type Change =
  | { readonly kind: "create-table"; readonly table: Table; readonly first?: string; readonly loses?: Loss }
  | { readonly kind: "add-column"; readonly table: string; readonly column: Column }
  | { readonly kind: "create-index"; readonly index: Index }
  | { readonly kind: "drop-index"; readonly index: Index }
  | {
      readonly kind: "fill";
      /** Moves some rows, in one transaction, and says how many; 0: there are none left. What it did, it does not again. */
      readonly some: (session: Session) => Promise<number>;
    };

/**
 * When a step is taken. `expand` adds what servers of the version before do not see; `backfill` brings their rows to
 * it, while they write more; `contract` takes away what they no longer use.
 */
export type Phase = "expand" | "backfill" | "contract";

/** A step of a migration. Its name is kept in the database: never change it. */
export interface Step {
  readonly phase: Phase;
  readonly name: string;
  readonly change: Change;
}

/** A version of the schema: its steps in their order, expand before backfill before contract. */
export interface Migration {
  readonly version: number;
  readonly title: string;
  readonly steps: readonly Step[];
}

/** A step with its place. */
export interface PlannedStep extends Step {
  readonly version: number;
  /** From 1, within the version. */
  readonly number: number;
}
