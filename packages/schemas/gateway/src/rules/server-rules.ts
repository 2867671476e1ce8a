import type { Rule } from "@hxp/config";
import type { GatewaySections } from "../gateway-shape.ts";

/** Probes must be answered when clients' connections are used up, so they have a port of their own. */
export const portsDiffer: Rule<GatewaySections> = {
  reads: ["listen", "probe"],
  check: ({ listen, probe }) =>
    listen.port !== 0 && listen.port === probe.port
      ? [
          {
            path: ["probe", "port"],
            message: `probe.port is ${probe.port}, which is also listen.port.`,
            expected: "a port of its own, or 0",
          },
        ]
      : [],
};

/** A revocation must reach every node within 2 s. */
export const revocationIsQuick: Rule<GatewaySections> = {
  reads: ["keys"],
  check: ({ keys: { cache } }) =>
    cache.refresh >= 10 && cache.refresh <= 1000
      ? []
      : [
          {
            path: ["keys", "cache", "refresh"],
            message: `keys.cache.refresh is ${cache.refresh} ms, so a revoked key would be taken for too long, or the storage be asked too often.`,
            expected: "10ms to 1s",
          },
        ],
};
