import { HxpError, isHxpError } from "@hxp/errors";

/** Why a request's signal was aborted: CLIENT_GONE if it says so, else the server itself ended the request. */
export function abortReason(signal: AbortSignal): HxpError {
  const { reason } = signal;
  return isHxpError(reason)
    ? reason
    : new HxpError("SERVER_DRAINING", "The server is shutting down", { cause: reason });
}
