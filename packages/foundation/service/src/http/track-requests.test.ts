import { type EventEmitter, once } from "node:events";
import { Agent, createServer, get, type IncomingMessage, type RequestListener } from "node:http";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
import { listen } from "../listen/listen.ts";
import { trackRequests } from "./track-requests.ts";

async function serve(onRequest: RequestListener) {
  const server = createServer(onRequest);
  const tracker = trackRequests(server);
  const { address, port } = await listen(server, { port: 0 });
  onTestFinished(() => server.closeAllConnections());
  return { server, tracker, address, port };
}

/** A request on a connection that can be kept alive. */
async function ask(address: string, agent: Agent): Promise<IncomingMessage> {
  const [response] = (await once(get(address, { agent }), "response")) as [IncomingMessage];
  return response;
}

const keepAlive = () => new Agent({ keepAlive: true, maxSockets: 1 });
const never = () => new AbortController().signal;

describe("a server's requests", () => {
  test("are counted while their answers last, however they end", async () => {
    const begun = Promise.withResolvers<void>();
    const { tracker, address } = await serve((request, response) => {
      if (request.url === "/quick") return response.end();
      response.write("x");
      return begun.resolve();
    });
    expect(tracker.inFlight).toBe(0);
    const abort = new AbortController();
    await fetch(`${address}/slow`, { signal: abort.signal });
    await begun.promise;
    expect(tracker.inFlight).toBe(1);
    await (await fetch(`${address}/quick`)).text();
    await expect.poll(() => tracker.inFlight).toBe(1);
    abort.abort();
    await expect.poll(() => tracker.inFlight).toBe(0);
  });

  test("that have no answer yet get `Connection: close` when the server drains, and idle connections are closed", async () => {
    const [asked, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const { tracker, address } = await serve((request, response) => {
      if (request.url !== "/slow") return response.end("done");
      void go.promise.then(() => response.end("done"));
      return asked.resolve();
    });
    const [idle, busy] = [keepAlive(), keepAlive()];
    const quick = await ask(`${address}/`, idle);
    expect([quick.headers.connection, await text(quick)]).toEqual(["keep-alive", "done"]);
    const slow = ask(`${address}/slow`, busy);
    await asked.promise;
    const drained = tracker.drain({ signal: never() });
    await expect.poll(() => Object.keys(idle.freeSockets)).toEqual([]);
    go.resolve();
    const answer = await slow;
    expect([answer.headers.connection, await text(answer)]).toEqual(["close", "done"]);
    expect(await drained).toEqual({ completed: 1, cut: 0, left: 0 });
    await expect(ask(`${address}/`, keepAlive())).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  test("that were half sent when the server drains are answered with `Connection: close`", async () => {
    const { server, tracker, port = 0 } = await serve((_, response) => response.end("late"));
    const socket = connect({ port, host: "127.0.0.1" });
    const [accepted] = (await once(server as EventEmitter, "connection")) as [Socket];
    socket.write("GET /late HTTP/1.1\r\nhost: x\r\n");
    await once(accepted, "data");
    const drained = tracker.drain({ signal: never() });
    socket.write("\r\n");
    expect(await text(socket)).toMatch(/connection: close.*late$/is);
    expect(await drained).toEqual({ completed: 1, cut: 0, left: 0 });
  });

  test("that stream keep their connection until they end, although their headers said keep-alive", async () => {
    const streams: (() => void)[] = [];
    const { tracker, address } = await serve((_, response) => {
      response.write("a");
      streams.push(() => response.end("b"));
    });
    const agent = keepAlive();
    const response = await ask(address, agent);
    expect(response.headers.connection).toBe("keep-alive");
    const drained = tracker.drain({ signal: never() });
    streams.forEach((end) => end());
    expect(await text(response)).toBe("ab");
    expect(await drained).toEqual({ completed: 1, cut: 0, left: 0 });
  });

  test("that the service does not end after the deadline are destroyed, and counted as cut", async () => {
    const { tracker, address } = await serve((_, response) => void response.write("a"));
    const response = await ask(address, keepAlive());
    const deadline = new AbortController();
    const drained = tracker.drain({ signal: deadline.signal, graceMs: 10 });
    deadline.abort();
    expect(await drained).toEqual({ completed: 0, cut: 1, left: 0 });
    await expect(text(response)).rejects.toThrow("aborted");
  });

  test("are not waited for on connections on which nothing has come", async () => {
    const { tracker, port } = await serve((_, response) => response.end());
    const silent = connect(port ?? 0, "127.0.0.1");
    await once(silent, "connect");
    const closed = once(silent, "close");
    expect(await tracker.drain({ signal: never() })).toEqual({ completed: 0, cut: 0, left: 0 });
    await closed;
  });

  test("are none on a server that never listened", async () => {
    expect(await trackRequests(createServer()).drain({ signal: never() })).toEqual({ completed: 0, cut: 0, left: 0 });
  });
});
