import { createServer } from "node:http";
import type { RequestListener, ServerOptions } from "node:http";
import type { AddressInfo } from "node:net";

/** Serves on a free port of 127.0.0.1 and gives the address. */
export function listenOnLoopback(options: ServerOptions, listener: RequestListener): Promise<string> {
  const server = createServer(options, listener);
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port: 0, host: "127.0.0.1", backlog: 1024 }, () => {
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    });
  });
}
