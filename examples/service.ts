import { createServer } from "node:http";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMetrics, defineMetrics, listen, startService, trackRequests } from "@hxp/service";
import { openAuditLog, verifyAuditLog } from "@hxp/service/audit";

const path = { description: "Path of the URL.", limit: 20 };
const catalogue = defineMetrics({
  requests: { type: "counter", name: "example_requests_total", help: "Requests.", labels: { path } },
});
const metrics = createMetrics();
const { requests } = metrics.register(catalogue);

const service = startService({
  name: "example",
  version: "1.0.0",
  metrics,
  probe: { port: 0 },
  start: async () => {
    const server = createServer((request, response) => {
      requests.add({ path: request.url ?? "/" });
      response.end("hello\n");
    });
    const tracker = trackRequests(server);
    const { address } = await listen(server, { port: 0 });
    const prove = async (signal: AbortSignal) => void (await fetch(address, { signal }));
    return { prove, drain: (context) => tracker.drain(context) };
  },
});
await service.ready;
console.log(await (await fetch(`${service.probe()?.address}/readyz`)).text()); // ready
console.log(await service.drain("the example ends")); // { exitCode: 0, completed: 0, cut: 0, left: 0, … }

const file = join(await mkdtemp(join(tmpdir(), "service-")), "audit.jsonl");
const audit = await openAuditLog({ file });
await audit.append({ event: "key.created", actor: "operator", target: "key a1b2", outcome: "done" });
await audit.close();
console.log(await verifyAuditLog(file)); // { ok: true, head: { count: 1, hash: "…" }, problems: [], … }
await rm(join(file, ".."), { recursive: true });
