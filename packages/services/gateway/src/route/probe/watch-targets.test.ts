import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Agent } from "undici";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { makeRouter, ok } from "../testing/make-router.ts";
import { makeTarget } from "../testing/make-target.ts";
import type { RoutedTarget, Router } from "../router.ts";

let dispatcher: Agent;
let servers: Server[];
let routers: Router[];
beforeEach(() => {
  dispatcher = new Agent();
  servers = [];
  routers = [];
});
afterEach(async () => {
  for (const router of routers) await router[Symbol.asyncDispose]();
  await dispatcher.destroy();
  for (const server of servers) await closeServer(server);
});

async function listen(answer: RequestListener): Promise<Server> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  return server;
}

async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  if (server.listening) await new Promise((resolve) => server.close(resolve));
}

function targetOf(server: Server, values: Partial<RoutedTarget> = {}): RoutedTarget {
  const { port } = server.address() as AddressInfo;
  return makeTarget("guide/a", { origin: `http://127.0.0.1:${port}`, dispatcher, maxConcurrency: 10, ...values });
}

/** A router that probes often, and is closed when the test ends. */
function watch(targets: readonly RoutedTarget[], probe: { interval?: number; timeout?: number } = {}) {
  const made = makeRouter(targets, { probe: { interval: 10, timeout: 1000, ...probe } });
  routers.push(made.router);
  return made;
}

test("a target that was there and is gone is left alone before a request finds out", async () => {
  const server = await listen((_, response) => response.end("{}"));
  const asked = vi.fn<(url: string | undefined) => void>();
  server.on("request", ({ url }: { url: string }) => asked(url));
  const { events } = watch([targetOf(server)]);
  await vi.waitFor(() => expect(asked).toHaveBeenCalledWith("/v1/models"), 30_000);
  await closeServer(server);
  await vi.waitFor(() => expect(events).toMatchObject([{ state: "open", why: "failed probes" }]), 30_000);
});

test("a target that never answered a probe is not judged by probes", async () => {
  let count = 0;
  const server = await listen((_, response) => {
    count += 1;
    response.writeHead(500).end();
  });
  const { events } = watch([targetOf(server)]);
  await vi.waitFor(() => expect(count).toBeGreaterThan(5), 30_000);
  expect(events).toEqual([]);
});

test("a target that refuses the probe's token is there all the same, and gets its own token", async () => {
  const tokens = new Set<string | undefined>();
  let count = 0;
  const server = await listen((request, response) => {
    tokens.add(request.headers.authorization);
    count += 1;
    response.writeHead(401).end();
  });
  const { events } = watch([targetOf(server, { authorization: "Bearer test" })]);
  await vi.waitFor(() => expect(count).toBeGreaterThan(5), 30_000);
  expect([...tokens]).toEqual(["Bearer test"]);
  expect(events).toEqual([]);
});

test("a target that hangs fails its probe when the time is over", async () => {
  let isHanging = false;
  const server = await listen((_, response) => {
    if (!isHanging) response.end("{}");
    isHanging = true;
  });
  const { events } = watch([targetOf(server)], { timeout: 50 });
  await vi.waitFor(() => expect(events).toMatchObject([{ state: "open", why: "failed probes" }]), 30_000);
});

test("load that others cause turns requests away from a target, as long as it is news", async () => {
  const busy = await listen((request, response) =>
    response.end(request.url === "/metrics" ? 'vllm:num_requests_running{model_name="m"} 40\n' : "{}"),
  );
  let isRead = 0;
  busy.on("request", ({ url }: { url: string }) => (isRead += url === "/metrics" ? 1 : 0));
  const idle = await listen((_, response) => response.writeHead(404).end());
  const { acquire } = watch([targetOf(busy), targetOf(idle, { id: "guide/b" })]);
  await vi.waitFor(() => expect(isRead).toBeGreaterThan(1), 30_000);
  for (let count = 0; count < 4; count += 1) expect((await acquire()).target.id).toBe("guide/b");
});

test("a target that serves requests is not asked whether it is there", async () => {
  const asked = { health: 0, metrics: 0 };
  const server = await listen((request, response) => {
    asked[request.url === "/metrics" ? "metrics" : "health"] += 1;
    response.end("hxp_engine_requests_running 0\n");
  });
  const { acquire } = makeRouterThatServes(server);
  (await acquire({ exclude: new Set(["guide/b"]) })).end(ok);
  (await acquire({ exclude: new Set(["guide/a"]) })).end(ok);
  await vi.waitFor(() => expect(asked.metrics).toBeGreaterThan(5), 30_000);
  expect(asked.health).toBe(0);
});

/** Its clock stands still, so that what was served was served just now. */
function makeRouterThatServes(server: Server) {
  const made = makeRouter([targetOf(server), targetOf(server, { id: "guide/b" })], {
    probe: { interval: 10 },
    clock: () => 1_000_000,
  });
  routers.push(made.router);
  return made;
}

test("a probe under way is broken off when the router is closed", async () => {
  const events: string[] = [];
  const server = await listen((_, response) => {
    events.push("asked");
    response.once("close", () => events.push("broken off"));
  });
  const { router } = watch([targetOf(server)], { timeout: 600_000 });
  await vi.waitFor(() => expect(events).toEqual(["asked"]), 30_000);
  await router[Symbol.asyncDispose]();
  await vi.waitFor(() => expect(events).toEqual(["asked", "broken off"]), 30_000);
  expect(await new Promise((resolve) => server.getConnections((_, count) => resolve(count)))).toBe(0);
});

test("without settings, or with an interval of 0, nobody is asked", () => {
  vi.useFakeTimers();
  try {
    const target = makeTarget("guide/a");
    makeRouter([target]);
    makeRouter([target], { probe: { interval: 0 } });
    expect(vi.getTimerCount()).toBe(0);
    const { router } = makeRouter([target], { probe: {} });
    expect(vi.getTimerCount()).toBe(1);
    void router[Symbol.asyncDispose]();
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
