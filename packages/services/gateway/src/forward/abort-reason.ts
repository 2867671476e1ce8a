import { HxpError, isHxpError } from "@hxp/errors";

/** Why a request's signal was aborted. */
export function abortReason(signal: AbortSignal): HxpError {
  const { reason } = signal;
  return isHxpError(reason) ? reason : new HxpError("CLIENT_GONE", "The client left", { cause: reason });
}
