import { isHxpError } from "@hxp/errors";

/** An error as plain data, with what caused it: `{type, code, message, hint, details, stack, cause}`. */
export function describeError(error: Error): Record<string, unknown> {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  return {
    type: error.name,
    ...(typeof code === "string" || typeof code === "number" ? { code } : {}),
    message: error.message,
    ...(isHxpError(error) ? { hint: error.hint, details: error.details } : { stack: error.stack }),
    ...(cause === undefined ? {} : { cause }),
  };
}
