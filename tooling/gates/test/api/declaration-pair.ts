import type { Bump } from "../../src/api/api-change.ts";

/** Declarations before and after, what that asks of the version, and a consumer as proof. */
export interface DeclarationPair {
  title: string;
  least: Bump;
  before: string;
  after: string;
  /** Imports `it`. Compiles with the declarations before; with those after only if the least bump is no major. */
  consumer: string;
}
