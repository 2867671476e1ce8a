import { HxpError } from "@hxp/errors";
import type { Stage } from "./upstream-call.ts";

/** Says what a failed connection means. The address of the upstream is in the cause only, which clients do not see. */
export function readTransportError(cause: Error, stage: Stage): HxpError {
  const code = codeOf(cause);
  if (stage === "connecting") {
    return new HxpError("UPSTREAM_UNREACHABLE", `No connection to the upstream${because(code)}`, { cause });
  }
  if (code?.startsWith("HPE_") === true || code === "UND_ERR_HEADERS_OVERFLOW") {
    return new HxpError("UPSTREAM_INVALID", "The upstream's answer is not HTTP", { cause });
  }
  return stage === "sent"
    ? new HxpError("UPSTREAM_UNREACHABLE", `The upstream closed the connection before it answered${because(code)}`, {
        cause,
      })
    : new HxpError("UPSTREAM_CUT", `The connection to the upstream broke in the middle of its answer${because(code)}`, {
        cause,
      });
}

function codeOf(error: Error): string | undefined {
  return "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function because(code: string | undefined): string {
  return code === undefined ? "" : `: ${code}`;
}
