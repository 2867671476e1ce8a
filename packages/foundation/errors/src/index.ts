export { HxpError, isHxpError, entryOf, redact, toHxpError } from "./hxp-error.ts";
export { errorTable } from "./error-table.ts";
export { renderErrorTable } from "./render-error-table.ts";
export type { ErrorCode } from "./error-table.ts";
export type { ErrorEntry } from "./error-entry.ts";
export type { HxpErrorOptions } from "./hxp-error.ts";
