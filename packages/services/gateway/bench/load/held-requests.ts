import { setTimeout as sleep } from "node:timers/promises";
import { Connection } from "./connection.ts";
import { type Destination, type HoldKind, renderHeld } from "./requests.ts";

/** Requests that the upstream holds, each on a connection of its own. */
export interface HeldRequests {
  /** Leaves all of them. */
  leave(): void;
}

/** Sends so many requests that are held; those whose stream begins have begun when this resolves, or 10 s have passed. */
export async function openHeld(destination: Destination, kind: HoldKind, count: number): Promise<HeldRequests> {
  const port = Number(new URL(destination.url).port);
  const request = renderHeld(destination, kind);
  const connections = Array.from({ length: count }, () => new Connection(port));
  for (const connection of connections) connection.send(request, kind !== "no-stream", () => {});
  const giveUpAt = performance.now() + 10_000;
  const isMissing = (): boolean => kind === "mid-stream" && connections.some(({ hasBegun }) => !hasBegun);
  // oxlint-disable-next-line no-await-in-loop -- until all have begun
  while (isMissing() && performance.now() < giveUpAt) await sleep(10);
  return {
    leave: () => {
      for (const connection of connections) connection.close();
    },
  };
}
