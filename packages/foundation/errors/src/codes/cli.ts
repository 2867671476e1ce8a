import type { ErrorEntry } from "../error-entry.ts";

/** Errors of the cli room. */
export const cliErrors = {} as const satisfies Record<string, ErrorEntry>;
