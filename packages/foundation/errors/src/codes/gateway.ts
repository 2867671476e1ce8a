import type { ErrorEntry } from "../error-entry.ts";

/** Errors of the gateway room. */
export const gatewayErrors = {} as const satisfies Record<string, ErrorEntry>;
