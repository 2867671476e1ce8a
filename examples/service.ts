import { createServer } from "node:http";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMetrics, defineMetrics, listen, startService, trackRequests } from "@hxp/service";
import { openAuditLog, verifyAuditLog } from "@hxp/service/audit";

const folder = await mkdtemp(join(tmpdir(), "service-"));
const metrics = createMetrics();
const { requests } = metrics.register(
  defineMetrics({
    requests: {
      type: "counter",
      name: "example_requests_total",
      help: "Requests answered.",
      labels: { path: { description: "Path of the URL.", limit: 20 } },
    },
  }),
);

const service = startService({
  name: "example",
  version: "1.0.0",
  metrics,
  probe: { port: 0 },
  drain: { deadlineMs: 10_000 },
  start: async () => {
    const server = createServer((request, response) => {
      requests.add({ path: request.url ?? "/" });
      response.end("hello\n");
    });
    const tracker = trackRequests(server);
    const { address } = await listen(server, { host: "127.0.0.1", port: 0 });
    return {
      prove: async (signal) => {
        const response = await fetch(address, { signal });
        if (!response.ok) throw new Error(`${address} answers ${response.status}`);
      },
      drain: (context) => tracker.drain(context),
    };
  },
});
await service.ready;
const ready = await fetch(`${service.probe()?.address}/readyz?verbose`);
console.log(ready.status, await ready.json()); // 200 { ok: true, reason: "ready", stage: "ready", … }

const audit = await openAuditLog({ file: join(folder, "audit.jsonl") });
await audit.append({ event: "key.created", actor: "operator", target: "key a1b2", outcome: "done" });
await audit.close();
console.log((await verifyAuditLog(join(folder, "audit.jsonl"))).ok); // true

console.log(await service.drain("end of the example")); // { exitCode: 0, completed: 0, cut: 0, left: 0, … }
await rm(folder, { recursive: true });
