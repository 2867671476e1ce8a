import { once } from "node:events";
import { connect } from "node:net";
import { Agent, type IncomingMessage, request } from "node:http";

/** A stream of a {@link startStreams} server that has begun. */
export interface OpenStream {
  headers: IncomingMessage["headers"];
  /** Lets the server end it. */
  finish(): void;
  /** Leaves before it ends. */
  leave(): void;
  /** What came after `begun`, or the code of what broke it. */
  rest: Promise<string>;
}

/** Opens a stream, on a connection of its own that could be kept alive. */
export async function openStream(address: string): Promise<OpenStream> {
  const outgoing = request(`${address}/stream`, { method: "POST", agent: new Agent({ keepAlive: true }) });
  outgoing.on("error", () => {});
  outgoing.write("x");
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  const parts: string[] = [];
  const rest = new Promise<string>((resolve) => {
    response.setEncoding("utf8").on("data", (part: string) => parts.push(part));
    response.on("end", () => resolve(parts.join("").slice("begun\n".length)));
    response.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
  if (parts.length === 0) await once(response, "data");
  return { headers: response.headers, finish: () => outgoing.end(), leave: () => outgoing.destroy(), rest };
}

/** Waits until an address takes no more connections. It asks nothing, so that no request is counted. */
export async function untilRefused(address: string): Promise<void> {
  const { hostname, port } = new URL(address);
  for (;;) {
    const socket = connect({ host: hostname, port: Number(port) });
    try {
      await once(socket, "connect");
    } catch {
      return;
    } finally {
      socket.destroy();
    }
  }
}
