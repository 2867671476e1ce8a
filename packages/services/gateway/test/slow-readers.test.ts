import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { beginStream, sendDone, sendFinish, sendJson, silence, wholeAnswer } from "./hostile-upstream.ts";
import { expectNoLeak, startUnderFault, type UnderFault } from "./start-under-fault.ts";

interface Raw {
  readonly client: Socket;
  /** The server's end of the connection. */
  readonly served: Socket;
}

/** A connection to the gateway, in a server whose sockets can be seen. */
async function connectTo({ gateway }: UnderFault): Promise<Raw> {
  const server = createServer(gateway.handler).listen(0, "127.0.0.1");
  await once(server, "listening");
  const connected = once(server, "connection");
  const client = connect({ port: (server.address() as AddressInfo).port, host: "127.0.0.1" });
  client.on("error", () => {});
  const [served] = (await connected) as [Socket];
  onTestFinished(async () => {
    client.destroy();
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  });
  return { client, served };
}

function render({ key }: UnderFault, stream: boolean): string {
  const body = JSON.stringify({ model: "guide", messages: [], stream });
  const headers = ["host: a", `authorization: Bearer ${key}`, "content-type: application/json"];
  return [`POST /v1/chat/completions HTTP/1.1`, ...headers, `content-length: ${body.length}`, "", body].join("\r\n");
}

test.each([true, false])("a client that reads nothing for too long is left, stream %s", async (stream) => {
  const started = await startUnderFault({ settings: { timeouts: { send: "500ms" } } });
  started.upstream.behave((response) => {
    if (!stream) return sendJson(response, { ...wholeAnswer, padding: "x".repeat(32 * 1_048_576) });
    beginStream(response);
    const choices = [{ index: 0, delta: { content: "x".repeat(65_536) }, finish_reason: null }];
    const fill = (): void => {
      while (!response.destroyed && response.write(`data: ${JSON.stringify({ choices })}\n\n`));
      if (!response.destroyed) response.once("drain", fill);
    };
    fill();
  });
  const { client, served } = await connectTo(started);
  const closed = once(served, "close");
  client.pause().write(render(started, stream));
  // Nothing else ends it: the whole time is half an hour.
  await closed;
  expect(await started.ledger()).toMatchObject({ outcome: stream ? "cancelled" : "completed" });
  await expectNoLeak(started);
});

test("a client that reads slowly is not", async () => {
  const started = await startUnderFault({ settings: { timeouts: { send: "5s" } } });
  started.upstream.behave((response) => {
    beginStream(response);
    const choices = [{ index: 0, delta: { content: "x".repeat(24 * 1024) }, finish_reason: null }];
    for (let piece = 0; piece < 600; piece += 1) response.write(`data: ${JSON.stringify({ choices })}\n\n`);
    sendFinish(response);
    sendDone(response);
  });
  const { client } = await connectTo(started);
  let text = "";
  client.on("data", (chunk: Buffer) => {
    text = (text + chunk.toString("latin1")).slice(-100);
    client.pause();
    setTimeout(() => client.resume(), 30);
  });
  client.write(render(started, true));
  expect(await started.ledger()).toMatchObject({ outcome: "completed" });
  await expect.poll(() => text).toContain("[DONE]");
});

test("a request behind another one on the same connection ends with it", async () => {
  const started = await startUnderFault({ target: { maxConcurrency: 2 }, limits: { concurrency: 2 } });
  started.upstream.behave(silence);
  const { client } = await connectTo(started);
  client.write(`${render(started, false)}${render(started, true)}`);
  const [first, second] = [await started.upstream.arrived(1), await started.upstream.arrived(2)];
  client.destroy();
  await Promise.all([first.aborted, second.aborted]);
  expect([(await started.ledger(1)).outcome, (await started.ledger(2)).outcome]).toEqual(["cancelled", "cancelled"]);
  await expectNoLeak(started);
});
