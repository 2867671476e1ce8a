import type { IncomingMessage, ServerResponse } from "node:http";
import { chunksPerStream, type HoldKind, holdMark } from "../load/requests.ts";
import { listenOnLoopback } from "./listen-on-loopback.ts";
import { endWithParent, tellParent } from "./parent.ts";

/** Answers that were held, and how many of them the other side broke off. */
export interface HeldCount {
  held: number;
  aborted: number;
}

/** Milliseconds between two pieces of a stream that is held. */
const slowInterval = 50;

const base = { id: "chatcmpl-1", created: 1_700_000_000, model: "bench" };
const usage = { prompt_tokens: 240, completion_tokens: chunksPerStream, total_tokens: 240 + chunksPerStream };
const text = "The gateway passes the answer on as it is. ".repeat(12);
const message = { role: "assistant", content: text };
const answer = toBytes({
  ...base,
  object: "chat.completion",
  choices: [{ index: 0, message, finish_reason: "stop" }],
  usage,
});
const answerHead = { "content-type": "application/json", "content-length": String(answer.length) };
const streamHead = { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" };
const chunks = Array.from({ length: chunksPerStream }, (_, index) => {
  const finish = index === chunksPerStream - 1 ? "stop" : null;
  const delta = index === 0 ? { role: "assistant", content: "The" } : { content: " next" };
  return toEvent({ ...base, object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason: finish }] });
});
const usageChunk = toEvent({ ...base, object: "chat.completion.chunk", choices: [], usage });
const done = Buffer.from("data: [DONE]\n\n");

const held = new Set<ServerResponse>();
let count: HeldCount = { held: 0, aborted: 0 };

const address = await listenOnLoopback({ keepAliveTimeout: 600_000, noDelay: true }, (request, response) => {
  receive(request, (body) => reply(body, response));
});
process.on("message", (question) => {
  if (question === "reset") {
    for (const response of held) response.destroy();
    held.clear();
    count = { held: 0, aborted: 0 };
  }
  tellParent(count);
});
endWithParent();
tellParent({ url: `${address}/v1` });

function receive(request: IncomingMessage, then: (body: Buffer) => void): void {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => then(parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts)));
}

function reply(body: Buffer, response: ServerResponse): void {
  if (body.includes(holdMark)) return hold(body, response);
  if (!body.includes('"stream":true')) {
    response.writeHead(200, answerHead).end(answer);
    return;
  }
  response.writeHead(200, streamHead);
  sendNext(response, { index: 0, wantsUsage: body.includes('"include_usage":true') });
}

/** A piece in each turn of the event loop, so that pieces are packets of their own, as an engine's are. */
function sendNext(response: ServerResponse, { index, wantsUsage }: { index: number; wantsUsage: boolean }): void {
  if (response.destroyed) return;
  const chunk = chunks[index];
  if (chunk === undefined) {
    if (wantsUsage) response.write(usageChunk);
    response.end(done);
    return;
  }
  response.write(chunk);
  setImmediate(sendNext, response, { index: index + 1, wantsUsage });
}

/** An engine that takes its time: it says nothing, or goes on until somebody ends it. */
function hold(body: Buffer, response: ServerResponse): void {
  const isBegun = body.includes(`${holdMark}${"mid-stream" satisfies HoldKind}`);
  count.held += 1;
  held.add(response);
  const timer = isBegun ? setInterval(() => response.write(chunks[1]), slowInterval) : undefined;
  if (isBegun) response.writeHead(200, streamHead).write(chunks[0]);
  response.on("close", () => {
    clearInterval(timer);
    // What a reset has ended was not broken off by anybody.
    if (held.delete(response)) count.aborted += 1;
  });
}

function toEvent(value: object): Buffer {
  return Buffer.from(`data: ${JSON.stringify(value)}\n\n`);
}

function toBytes(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}
