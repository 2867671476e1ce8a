import type { Server, ServerResponse, IncomingMessage } from "node:http";
import { once } from "node:events";
import type { Socket } from "node:net";
import type { DrainContext, DrainReport } from "../lifecycle/service.ts";

/** Knows the requests of a `node:http` server, and ends it without cutting any. */
export interface RequestTracker {
  /** Requests whose answer has not ended. */
  readonly inFlight: number;
  /**
   * Stops accepting, answers with `Connection: close`, closes idle connections, and resolves when every request has ended. At
   * `signal` the service has to end its streams; connections that are open `graceMs` later are destroyed.
   */
  drain(context: Pick<DrainContext, "signal"> & { graceMs?: number }): Promise<DrainReport>;
}

/** How long a drain waits for the first byte on a connection that was opened before. */
const silentMs = 1_000;

/** Tracks a server's requests from now on; call it before the server listens. */
export function trackRequests(server: Server): RequestTracker {
  const open = new Set<ServerResponse>();
  const connections = new Set<Socket>();
  let isDraining = false;
  let report: DrainReport = { completed: 0, cut: 0, left: 0 };
  let deadline: AbortSignal | undefined;
  let onEmpty: (() => void) | undefined;

  const end = (response: ServerResponse, how: keyof DrainReport): void => {
    if (!open.delete(response) || !isDraining) return;
    report = { ...report, [how]: report[how] + 1 };
    // The connection is idle once this turn has ended.
    setImmediate(() => server.closeIdleConnections());
    if (open.size === 0) onEmpty?.();
  };

  server.prependListener("connection", (socket: Socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
  server.prependListener("request", (_request: IncomingMessage, response: ServerResponse) => {
    open.add(response);
    if (isDraining) closeAfter(response);
    response.once("finish", () => end(response, deadline?.aborted === true ? "cut" : "completed"));
    response.once("close", () => end(response, deadline?.aborted === true ? "cut" : "left"));
  });

  return {
    get inFlight() {
      return open.size;
    },
    drain: async ({ signal, graceMs = 1_000 }) => {
      isDraining = true;
      deadline = signal;
      const closed = server.listening ? once(server, "close") : Promise.resolve();
      server.close();
      open.forEach(closeAfter);
      server.closeIdleConnections();
      const sweep = setInterval(() => server.closeIdleConnections(), 100);
      // Connections that were opened ahead of a request are not idle to Node, and nothing may ever come on them.
      const silence = setTimeout(() => connections.forEach(endSilent), silentMs);
      const force = onceAborted(signal, () => setTimeout(() => server.closeAllConnections(), graceMs));
      try {
        if (open.size > 0) await new Promise<void>((resolve) => (onEmpty = resolve));
        await closed;
      } finally {
        clearInterval(sweep);
        clearTimeout(silence);
        force();
      }
      return report;
    },
  };
}

function endSilent(socket: Socket): void {
  if (socket.bytesRead === 0) socket.destroy();
}

function closeAfter(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader("connection", "close");
}

/** Starts a timer when a signal is aborted; the function that it returns takes both back. */
function onceAborted(signal: AbortSignal, start: () => NodeJS.Timeout): () => void {
  let timer: NodeJS.Timeout | undefined;
  const begin = (): void => {
    timer = start();
  };
  if (signal.aborted) begin();
  else signal.addEventListener("abort", begin, { once: true });
  return () => {
    signal.removeEventListener("abort", begin);
    clearTimeout(timer);
  };
}
