import { once } from "node:events";
import { connect, createServer, type AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { HxpError } from "@hxp/errors";

/** A port of 127.0.0.1 that is free now, for programs that cannot choose one themselves. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Waits until a port of 127.0.0.1 takes connections. Throws COMMAND_FAILED after 20 s. */
export async function waitForPort(port: number, name: string): Promise<void> {
  const giveUpAt = performance.now() + 20_000;
  while (performance.now() < giveUpAt) {
    // oxlint-disable-next-line no-await-in-loop -- one try after the other
    if (await isOpen(port)) return;
    // oxlint-disable-next-line no-await-in-loop -- as above
    await sleep(50);
  }
  throw new HxpError("COMMAND_FAILED", `${name} took no connection on port ${port} within 20 s`);
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
