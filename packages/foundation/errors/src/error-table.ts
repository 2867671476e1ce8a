import type { ErrorEntry } from "./error-entry.ts";
import { configErrors } from "./codes/config.ts";
import { evidenceErrors } from "./codes/evidence.ts";
import { gatesErrors } from "./codes/gates.ts";
import { generalErrors } from "./codes/general.ts";
import { registryErrors } from "./codes/registry.ts";
import { releaseErrors } from "./codes/release.ts";

/** Every error code of HXP. A code is never renamed or used again for another meaning. */
export const errorTable = {
  ...generalErrors,
  ...configErrors,
  ...evidenceErrors,
  ...registryErrors,
  ...gatesErrors,
  ...releaseErrors,
} as const satisfies Record<string, ErrorEntry>;

/** A code of {@link errorTable}. */
export type ErrorCode = keyof typeof errorTable;
