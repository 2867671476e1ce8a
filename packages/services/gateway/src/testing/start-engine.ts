import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** A request as an engine got it. */
interface SeenRequest {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Record<string, unknown>;
}

/** An OpenAI-compatible server that answers everything with "Hello!". */
export interface TestEngine {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
}

/** What is different from the usual answer; undefined: nothing. */
export type AnswerOverride = (request: SeenRequest, response: ServerResponse) => boolean | Promise<boolean>;

/** Starts an engine that lives as long as the test. */
export async function startEngine(override: AnswerOverride = () => false): Promise<TestEngine> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => void answer(request, response));
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const text = await readText(request);
    if (request.method !== "POST") return void response.writeHead(404).end();
    const found = { path: request.url ?? "", headers: request.headers, body: JSON.parse(text) };
    seen.push(found);
    if (await override(found, response)) return;
    if (found.body["stream"] === true) sendStream(response);
    else sendAnswer(response, found);
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, seen };
}

const usage = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 };
const base = { id: "1", created: 0, model: "engine" };

function sendAnswer(response: ServerResponse, { path }: SeenRequest): void {
  const message = { role: "assistant", content: "Hello!" };
  const body = path.endsWith("/embeddings")
    ? { ...base, object: "list", data: [{ object: "embedding", index: 0, embedding: [0.5] }], usage }
    : { ...base, object: "chat.completion", choices: [{ index: 0, message, finish_reason: "stop" }], usage };
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** The first part of a stream: a role and a word. */
export function beginStream(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  sendEvent(response, { choices: [{ index: 0, delta: { role: "assistant", content: "Hel" }, finish_reason: null }] });
}

/** The other part: the last word, usage and the end. */
export function endStream(response: ServerResponse): void {
  sendEvent(response, { choices: [{ index: 0, delta: { content: "lo!" }, finish_reason: "stop" }] });
  sendEvent(response, { choices: [], usage });
  response.end("data: [DONE]\n\n");
}

function sendStream(response: ServerResponse): void {
  beginStream(response);
  endStream(response);
}

function sendEvent(response: ServerResponse, event: object): void {
  response.write(`data: ${JSON.stringify({ ...base, object: "chat.completion.chunk", ...event })}\n\n`);
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
