import type { ServiceState } from "@hxp/service";
import type { HxpError } from "@hxp/errors";
import type { ModelMessage } from "../up/model-messages.ts";

/** The way to the process that started this one, where there is one. */
export interface ParentChannel {
  tell(state: ServiceState): void;
  /** Resolves when it has been handed over, so that the process may end. */
  fail(error: HxpError): Promise<void>;
  /** Lets go of it: an open channel would keep this process alive. */
  close(): void;
}

/** Connects to the process that started this one over IPC; when that one is gone, this one ends at once. */
export function connectToParent(owner: NodeJS.Process = process): ParentChannel | undefined {
  if (owner.send === undefined) return undefined;
  const onGone = (): void => owner.exit(1);
  owner.once("disconnect", onGone);
  const send = (message: ModelMessage): Promise<void> =>
    new Promise((resolve) => {
      if (owner.connected) owner.send?.(message, undefined, undefined, () => resolve());
      else resolve();
    });
  return {
    tell: ({ stage, phase, phaseAt, expectedAt }) => {
      if (stage === "ready") void send({ type: "ready" });
      if (stage !== "starting") return;
      const eta = expectedAt === undefined ? {} : { etaMs: Math.max(0, expectedAt - phaseAt) };
      void send({ type: "phase", phase, ...eta });
    },
    close: () => {
      owner.off("disconnect", onGone);
      if (owner.connected) owner.disconnect();
    },
    fail: ({ code, message, hint }) => send({ type: "failed", error: { code, message, hint } }),
  };
}
