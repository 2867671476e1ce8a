import type { ErrorEntry } from "../error-entry.ts";

/** Errors of the service room. */
export const serviceErrors = {} as const satisfies Record<string, ErrorEntry>;
