import type { ErrorEntry } from "../error-entry.ts";

/** Errors of the model room. */
export const modelErrors = {} as const satisfies Record<string, ErrorEntry>;
