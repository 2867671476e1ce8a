import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { json as readJson } from "node:stream/consumers";
import { isHxpError, toHxpError } from "@hxp/errors";
import { answerText } from "./answer-text.ts";
import { Broken } from "./meet-answer-fault.ts";
import { readTextRequest, readTexts, toJson } from "./read-request.ts";
import type { RequestFault } from "./request-fault.ts";
import type { SimulatedRequest } from "./request-log.ts";
import { toVllmError } from "./shapes.ts";
import type { Simulator } from "./simulator.ts";
import { renderVllmMetrics } from "./vllm-metrics.ts";

interface Exchange {
  readonly simulator: Simulator;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
}

/** Answers one request to a simulator's server. */
export async function handleRequest(
  simulator: Simulator,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path = "/"] = (request.url ?? "/").split("?", 1);
  const exchange = { simulator, request, response, path };
  if (request.method === "GET") return answerRead(exchange);
  const isAnswer = ["/v1/chat/completions", "/v1/completions", "/v1/embeddings"].includes(path);
  if (request.method !== "POST" || !isAnswer) return send(exchange, { status: 404, value: { detail: "Not Found" } });
  if (!isAllowed(exchange)) return send(exchange, { status: 401, value: { error: "Unauthorized" } });
  await answer(exchange);
}

function isAllowed({ simulator, request }: Exchange): boolean {
  return simulator.apiKey === undefined || request.headers.authorization === `Bearer ${simulator.apiKey}`;
}

function answerRead(exchange: Exchange): void {
  const { simulator, response, path } = exchange;
  const { model, modelName } = simulator;
  if (path === "/health" || path === "/ping") response.writeHead(200).end();
  else if (path === "/metrics") {
    const text = renderVllmMetrics(modelName, model.metrics(), simulator.firstTokens);
    response.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" }).end(text);
  } else if (path === "/version") send(exchange, { value: { version: "simulator" } });
  else if (!path.startsWith("/v1/models")) send(exchange, { status: 404, value: { detail: "Not Found" } });
  else if (!isAllowed(exchange)) send(exchange, { status: 401, value: { error: "Unauthorized" } });
  else {
    const created = simulator.seconds();
    const entry = {
      id: modelName,
      object: "model",
      created,
      owned_by: "vllm",
      max_model_len: model.info.contextLength,
    };
    send(exchange, { value: { object: "list", data: [entry] } });
  }
}

async function answer(exchange: Exchange): Promise<void> {
  const { simulator, request, response, path } = exchange;
  const given = request.headers["x-request-id"];
  const id = typeof given === "string" && given !== "" ? given : randomUUID();
  const fault = readFault(request) ?? simulator.schedule({ index: simulator.index++, id, path });
  const log = simulator.log.begin({ id, path, receivedAt: simulator.clock.now(), fault });
  const left = new AbortController();
  response.on("close", () => {
    log.endedAt = simulator.clock.now();
    if (response.writableFinished) return;
    // A connection that the fault itself has cut was not left by the client.
    if (fault?.type !== "cut" && fault?.type !== "reset") log.abortedAt = log.endedAt;
    left.abort();
  });
  response.on("finish", () => (log.status ??= response.statusCode));
  try {
    const body = toJson(await readJson(request));
    if (await meetFault(exchange, fault, left.signal)) return;
    await generate(exchange, { body, log, signal: left.signal });
  } catch (error) {
    if (error instanceof Broken || left.signal.aborted) return;
    fail(exchange, error);
  }
}

/** Meets faults that come before an answer. Returns whether there will be none. */
async function meetFault(exchange: Exchange, fault: RequestFault | undefined, signal: AbortSignal): Promise<boolean> {
  const { simulator, response } = exchange;
  if (fault?.type === "reset") response.socket?.resetAndDestroy();
  else if (fault?.type === "no-response") await simulator.clock.sleep(2 ** 31 - 1, signal);
  else if (fault?.type === "context-length") sendContextError(exchange, simulator.model.info.contextLength * 2);
  else if (fault?.type === "status") sendStatus(exchange, fault);
  else return false;
  return true;
}

function sendStatus(
  exchange: Exchange,
  { status, retryAfterSeconds }: Extract<RequestFault, { type: "status" }>,
): void {
  const headers = retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
  const value = toVllmError(status, `The simulator was told to answer with ${status}.`);
  send(exchange, { status, value, headers });
}

interface Asked {
  readonly body: Readonly<Record<string, unknown>>;
  readonly log: SimulatedRequest;
  readonly signal: AbortSignal;
}

async function generate(exchange: Exchange, { body, log, signal }: Asked): Promise<void> {
  const { simulator, response, path } = exchange;
  if (body["model"] !== simulator.modelName) {
    return refuse(exchange, 404, `The model \`${String(body["model"])}\` does not exist.`);
  }
  if (simulator.model.metrics().waiting >= simulator.maxWaiting) {
    return send(exchange, {
      status: 503,
      value: toVllmError(503, "The queue is full."),
      headers: { "retry-after": "1" },
    });
  }
  if (path === "/v1/embeddings") return answerEmbeddings(exchange, { body, log, signal });
  const text = readTextRequest(path === "/v1/completions" ? "completion" : "chat", body);
  await answerText({ simulator, text, log, response, signal });
}

async function answerEmbeddings(exchange: Exchange, { body, log, signal }: Asked): Promise<void> {
  const { model, modelName } = exchange.simulator;
  const { vectors, promptTokens } = await model.embed({ id: log.id, texts: readTexts(body["input"], "input") }, signal);
  log.promptTokens = promptTokens;
  const encode = (vector: readonly number[]): unknown =>
    body["encoding_format"] === "base64" ? Buffer.from(Float32Array.from(vector).buffer).toString("base64") : vector;
  const data = vectors.map((vector, index) => ({ index, object: "embedding", embedding: encode(vector) }));
  const usage = { prompt_tokens: promptTokens, total_tokens: promptTokens, completion_tokens: 0 };
  send(exchange, { value: { id: `embd-${log.id}`, object: "list", model: modelName, data, usage } });
}

function fail(exchange: Exchange, thrown: unknown): void {
  const { response } = exchange;
  const error = toHxpError(thrown);
  const status = isHxpError(thrown) ? error.status : thrown instanceof SyntaxError ? 400 : 500;
  if (response.headersSent) {
    response.end(`data: ${JSON.stringify(toVllmError(status, error.message))}\n\n`);
    return;
  }
  if (error.code === "ENGINE_CONTEXT_EXCEEDED") sendContextError(exchange, Number(error.details["promptTokens"]));
  else refuse(exchange, status, error.message);
}

function sendContextError(exchange: Exchange, asked: number): void {
  const most = exchange.simulator.model.info.contextLength;
  const message = `This model's maximum context length is ${most} tokens. However, you requested ${asked} tokens in the messages. Please reduce the length of the messages.`;
  refuse(exchange, 400, message);
}

function refuse(exchange: Exchange, status: number, message: string): void {
  send(exchange, { status, value: toVllmError(status, message) });
}

interface Answer {
  readonly status?: number;
  readonly value: object;
  readonly headers?: Readonly<Record<string, string>>;
}

function send({ response, request }: Exchange, { status = 200, value, headers = {} }: Answer): void {
  const body = Buffer.from(JSON.stringify(value));
  const id = request.headers["x-request-id"];
  const named = typeof id === "string" ? { "x-request-id": id } : {};
  response
    .writeHead(status, { "content-type": "application/json", "content-length": body.length, ...named, ...headers })
    .end(body);
}

/** The fault that a request asks for itself, as JSON in the header `x-simulator-fault`. */
function readFault({ headers }: IncomingMessage): RequestFault | undefined {
  const text = headers["x-simulator-fault"];
  return typeof text === "string" ? (JSON.parse(text) as RequestFault) : undefined;
}
