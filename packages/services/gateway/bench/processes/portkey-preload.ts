import { Server } from "node:net";
import { endWithParent } from "./parent.ts";

// Loaded before Portkey, which listens on all addresses of the machine and knows no flag for that.
// oxlint-disable-next-line typescript/unbound-method -- it is called with the server that it is of
const listen = Server.prototype.listen as (this: Server, ...given: unknown[]) => Server;
Server.prototype.listen = function listenOnLoopback(this: Server, ...given: unknown[]): Server {
  const [port, host, ...others] = given;
  return typeof port === "number" && host === undefined
    ? listen.call(this, port, "127.0.0.1", ...others)
    : listen.apply(this, given);
};
endWithParent();
