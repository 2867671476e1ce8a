import { once } from "node:events";
import { existsSync, lstatSync, unlinkSync } from "node:fs";
import { type AddressInfo, connect, type Server } from "node:net";
import { dirname } from "node:path";
import { HxpError, toHxpError } from "@hxp/errors";
import { findPortHolder } from "./find-port-holder.ts";

/** Where a server listens: a TCP port, a unix socket, or a listening descriptor that the service manager passed. */
export type ListenAddress =
  | {
      /** Default 127.0.0.1. */
      host?: string;
      /** 0 takes any free port. */
      port: number;
    }
  | {
      /** Path of a unix socket; its folder must exist. */
      socket: string;
      /** Who may connect: the owner (0600), or the owner's group, too (0660). Default 0600. */
      mode?: 0o600 | 0o660;
    }
  | {
      /** From {@link takeSystemdSockets}. */
      descriptor: number;
    };

/** Where a server listens in fact. */
export interface Listening {
  /** `http://127.0.0.1:8000`, or `unix:/path`. */
  readonly address: string;
  /** Of a TCP server. */
  readonly port?: number;
  /** Of a unix server. */
  readonly socket?: string;
}

/**
 * Makes a server listen. A unix socket that nobody answers on is replaced. Throws LISTEN_ADDRESS_IN_USE, LISTEN_DENIED or
 * LISTEN_ADDRESS_INVALID.
 */
export async function listen(server: Server, address: ListenAddress): Promise<Listening> {
  if ("descriptor" in address) await bind(server, () => server.listen({ fd: address.descriptor }), address);
  else if ("socket" in address) await listenOnSocket(server, address);
  else {
    const { host = "127.0.0.1", port } = address;
    await bind(server, () => server.listen({ host, port }), address);
  }
  return describeListening(server);
}

async function bind(server: Server, start: () => void, address: ListenAddress): Promise<void> {
  try {
    const listening = once(server, "listening");
    start();
    await listening;
  } catch (error) {
    throw toListenError(error, address);
  }
}

/** Longer paths do not fit into sockaddr_un, and some systems cut them without a word. */
const maxSocketPath = 107;

async function listenOnSocket(server: Server, address: { socket: string; mode?: number }): Promise<void> {
  const { socket, mode = 0o600 } = address;
  const length = Buffer.byteLength(socket);
  if (length > maxSocketPath) {
    const message = `The socket path ${socket} has ${length} bytes; the system takes at most ${maxSocketPath}.`;
    throw new HxpError("LISTEN_ADDRESS_INVALID", message);
  }
  // The system's own answer to this is "permission denied".
  if (!existsSync(dirname(socket))) {
    throw new HxpError("LISTEN_ADDRESS_INVALID", `The folder of the socket ${socket} does not exist.`);
  }
  await removeStaleSocket(socket);
  const start = (): void => {
    // The socket is made within this call, so nobody can connect before its mode is right.
    const before = process.umask(0o777 & ~mode);
    try {
      server.listen({ path: socket });
    } finally {
      process.umask(before);
    }
  };
  await bind(server, start, { socket });
}

/** Removes a socket that a process left behind that was killed. Anything else stays where it is. */
async function removeStaleSocket(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw new HxpError("LISTEN_ADDRESS_INVALID", `${path} exists and is not a socket; it is left as it is.`);
  }
  if (await answers(path)) {
    throw new HxpError("LISTEN_ADDRESS_IN_USE", `Another process listens on the socket ${path}.`);
  }
  unlinkSync(path);
}

async function answers(path: string): Promise<boolean> {
  const client = connect({ path });
  try {
    await once(client, "connect");
    return true;
  } catch (error) {
    // Full queue or no permission: somebody is there.
    return (error as NodeJS.ErrnoException).code !== "ECONNREFUSED";
  } finally {
    client.destroy();
  }
}

function toListenError(thrown: unknown, address: ListenAddress): HxpError {
  const where = renderAddress(address);
  const { code, message } = thrown as NodeJS.ErrnoException;
  const options = { cause: thrown, details: { ...address } };
  if (code === "EADDRINUSE") {
    const holder = "port" in address ? findPortHolder(address.port) : undefined;
    const by = holder === undefined ? "" : ` by process ${holder.pid} (${holder.command})`;
    return new HxpError("LISTEN_ADDRESS_IN_USE", `${where} is in use${by}.`, options);
  }
  if (code === "EACCES" || code === "EPERM") {
    return new HxpError("LISTEN_DENIED", `This user may not listen on ${where}.`, options);
  }
  if (invalidAddress.has(code)) {
    return new HxpError("LISTEN_ADDRESS_INVALID", `Cannot listen on ${where}: ${message}`, options);
  }
  return toHxpError(thrown);
}

const invalidAddress: ReadonlySet<string | undefined> = new Set([
  "EADDRNOTAVAIL",
  "EAFNOSUPPORT",
  "EAI_AGAIN",
  "EBADF",
  "EINVAL",
  "ENOENT",
  "ENOTDIR",
  "ENOTFOUND",
  "ENOTSOCK",
  "EROFS",
  "ERR_SOCKET_BAD_PORT",
]);

function renderAddress(address: ListenAddress): string {
  if ("descriptor" in address) return `descriptor ${address.descriptor}`;
  if ("socket" in address) return address.socket;
  return `port ${address.port} of ${address.host ?? "127.0.0.1"}`;
}

function describeListening(server: Server): Listening {
  const found: AddressInfo | string | null = server.address();
  if (typeof found === "string") return { address: `unix:${found}`, socket: found };
  if (found === null) return { address: "unix:" };
  const host = found.family === "IPv6" ? `[${found.address}]` : found.address;
  return { address: `http://${host}:${found.port}`, port: found.port };
}
