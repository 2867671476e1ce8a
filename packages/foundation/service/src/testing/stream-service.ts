import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { trackRequests } from "../http/track-requests.ts";
import { type ListenAddress, listen } from "../listen/listen.ts";
import type { Service, StartContext } from "../lifecycle/service.ts";

/** What a {@link startStreams} server did. */
export interface StreamService extends Service {
  address: string;
}

/**
 * A server for tests: `/` answers at once; `/stream` sends `begun`, then waits for the end of the request's body, or for the drain's
 * deadline, at which it ends with an in-band error.
 */
export async function startStreams(context: StartContext, at: ListenAddress = { port: 0 }): Promise<StreamService> {
  const open = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    if (request.url !== "/stream") return response.end("hello\n");
    open.add(response);
    response.once("close", () => open.delete(response));
    response.write("begun\n");
    return request.resume().once("end", () => response.end("finished\n"));
  });
  context.deadline.addEventListener("abort", () => {
    const { code } = context.deadline.reason as { code: string };
    open.forEach((each) => each.end(`${code}\n`));
  });
  const tracker = trackRequests(server);
  const { address } = await listen(server, at);
  return {
    address,
    prove: async (signal) => {
      const response = await fetch(address, { signal, headers: { connection: "close" } });
      if ((await response.text()) !== "hello\n") throw new Error("the first answer was wrong");
    },
    progress: () => ({ pending: tracker.inFlight, done: 0 }),
    drain: (drainContext) => tracker.drain(drainContext),
    stop: async () => {
      if (server.listening) await once(server.close(), "close");
    },
  };
}
