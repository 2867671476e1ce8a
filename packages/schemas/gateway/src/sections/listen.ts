import * as z from "zod";

const host = z
  .string()
  .max(253)
  .regex(/^[A-Za-z0-9:.-]+$/)
  .meta({ expected: "a host name or an IP address" });

const port = z.int().min(0).max(65_535);

/** Where clients connect. */
export const listenSection = z
  .strictObject({
    host: host.default("127.0.0.1").meta({ description: "Address to listen on. The gateway speaks plain HTTP." }),
    port: port.default(8000).meta({ description: "Port to listen on; 0 takes a free one.", unit: "TCP port" }),
  })
  .prefault({})
  .meta({ description: "Where clients connect. A socket that systemd passes on is taken instead." });

/** Where health and metrics are read. */
export const probeSection = z
  .strictObject({
    host: host.default("127.0.0.1").meta({ description: "Address to listen on." }),
    port: port.default(9090).meta({ description: "Port to listen on; 0 takes a free one.", unit: "TCP port" }),
  })
  .prefault({})
  .meta({ description: "Where /livez, /readyz, /startupz and /metrics are served, without keys." });
