import { createServer } from "node:net";
import { once } from "node:events";
import { HxpError, isHxpError } from "@hxp/errors";
import { listen } from "@hxp/service";

/** A port that somebody means to listen on. */
export interface WantedPort {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** How to choose another, for the error. */
  readonly fix: string;
}

/**
 * Says which port will be listened on, before anything is loaded: a port that is taken is no news for after a model's load.
 * Throws LISTEN_ADDRESS_IN_USE, LISTEN_DENIED or LISTEN_ADDRESS_INVALID.
 */
export async function reservePort({ host, port, fix }: WantedPort): Promise<number> {
  const server = createServer();
  try {
    return (await listen(server, { host, port })).port ?? port;
  } catch (error) {
    if (!isHxpError(error)) throw error;
    const { code, message, details } = error;
    throw new HxpError(code, message, { hint: fix, details, cause: error.cause });
  } finally {
    if (server.listening) {
      const closed = once(server, "close");
      server.close();
      await closed;
    }
  }
}
