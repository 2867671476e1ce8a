import type { ServerResponse } from "node:http";
import { HxpError } from "@hxp/errors";

/** Ends requests from outside: each has a signal here until its answer has ended. */
export interface Signals {
  /** The signal of a request: aborted with CLIENT_GONE when its client leaves, or with the reason of {@link Signals.abortAll}. */
  open(response: ServerResponse): AbortSignal;
  abortAll(reason: unknown): void;
}

/** Makes the signals of a gateway. */
export function createSignals(): Signals {
  const controllers = new Set<AbortController>();
  let ended: { readonly reason: unknown } | undefined;
  return {
    open: (response) => {
      const controller = new AbortController();
      controllers.add(controller);
      response.once("close", () => {
        controllers.delete(controller);
        if (!response.writableFinished) controller.abort(clientGone());
      });
      if (response.destroyed) controller.abort(clientGone());
      if (ended !== undefined) controller.abort(ended.reason);
      return controller.signal;
    },
    abortAll: (reason) => {
      ended = { reason };
      for (const controller of controllers) controller.abort(reason);
    },
  };
}

function clientGone(): HxpError {
  return new HxpError("CLIENT_GONE", "The client left before its answer was complete.");
}
