import { HxpError } from "@hxp/errors";

/** The first descriptor that systemd passes: sd_listen_fds(3). */
const firstDescriptor = 3;

/**
 * Takes the listening descriptors that systemd passed to this process, by their name (`FileDescriptorName=` of the socket
 * unit), and removes the variables so that children do not take them for theirs. Empty when none were passed. Throws
 * LISTEN_SOCKETS_INVALID when two have one name.
 */
export function takeSystemdSockets(
  env: Record<string, string | undefined> = process.env,
  pid: number = process.pid,
): ReadonlyMap<string, number> {
  const { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES } = env;
  for (const name of ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID"]) delete env[name];
  if (LISTEN_FDS === undefined || Number(LISTEN_PID) !== pid) return new Map();
  const names = LISTEN_FDNAMES?.split(":") ?? [];
  const sockets = new Map<string, number>();
  for (let index = 0; index < readCount(LISTEN_FDS); index += 1) {
    const name = names[index] ?? "unknown";
    if (sockets.has(name)) {
      throw new HxpError("LISTEN_SOCKETS_INVALID", `Two of the sockets that systemd passed have the name ${name}.`);
    }
    sockets.set(name, firstDescriptor + index);
  }
  return sockets;
}

function readCount(text: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count >= 0 && count <= 1_024) return count;
  throw new HxpError("LISTEN_SOCKETS_INVALID", `LISTEN_FDS is ${JSON.stringify(text)} and not a small number.`);
}
