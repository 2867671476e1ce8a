import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { HxpError } from "@hxp/errors";
import { readChatRequest } from "../openai/read-chat-request.ts";
import { readCompletionRequest } from "../openai/read-completion-request.ts";
import { readEmbeddingRequest } from "../openai/read-embedding-request.ts";
import type { Json } from "../openai/read-fields.ts";
import { answerEmbeddings } from "./answer-embeddings.ts";
import { answerGeneration } from "./answer-generation.ts";
import { type Exchange, sendError, sendJson } from "./exchange.ts";
import { readJsonBody } from "./read-json-body.ts";
import type { ServedModel } from "./served-model.ts";

/** Makes the function that answers every request to a model's process. */
export function createModelHandler(served: ServedModel): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const left = new AbortController();
    response.on("close", () => {
      if (!response.writableFinished) left.abort(new HxpError("ENGINE_FAILED", "The client has left."));
    });
    const exchange = { id: readId(request), request, response, signal: left.signal };
    answer(exchange, served).catch((error: unknown) => {
      if (!left.signal.aborted) sendError(exchange, error);
    });
  };
}

function readId(request: IncomingMessage): string {
  const given = request.headers["x-request-id"];
  return typeof given === "string" && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}

async function answer(exchange: Exchange, served: ServedModel): Promise<void> {
  const { request } = exchange;
  const [path = "/"] = (request.url ?? "/").split("?", 1);
  const route = `${request.method} ${path}`;
  const { info } = served.model;
  if (route === "POST /v1/chat/completions") {
    const body = await readBody(exchange, served);
    return answerGeneration(exchange, readChatRequest(body, info.capabilities), served);
  }
  if (route === "POST /v1/completions") {
    const body = await readBody(exchange, served);
    return answerGeneration(exchange, readCompletionRequest(body, info.capabilities), served);
  }
  if (route === "POST /v1/embeddings") {
    const body = await readBody(exchange, served);
    return answerEmbeddings(exchange, readEmbeddingRequest(body, info), served);
  }
  if (route === "GET /v1/models") return sendJson(exchange, { object: "list", data: [describeModel(served)] });
  if (route === `GET /v1/models/${served.name}`) return sendJson(exchange, describeModel(served));
  if (route.startsWith("GET /internal/usage/")) return answerUsage(exchange, served, path);
  throw new HxpError("MODEL_NOT_SERVED", `Nothing is served at ${request.method} ${path}.`);
}

async function readBody({ request }: Exchange, served: ServedModel): Promise<Json> {
  const body = await readJsonBody(request, served.maxBodyBytes);
  const asked = body["model"];
  if (typeof asked !== "string" || asked === served.name) return body;
  const message = `The model ${JSON.stringify(asked.slice(0, 200))} is not served here; ${served.name} is.`;
  throw new HxpError("MODEL_NOT_SERVED", message, { details: { param: "model" } });
}

function describeModel({ name, created }: ServedModel): object {
  return { id: name, object: "model", created, owned_by: "hxp" };
}

function answerUsage(exchange: Exchange, served: ServedModel, path: string): void {
  const report = served.usage.find(path.slice("/internal/usage/".length));
  if (report === undefined) throw new HxpError("MODEL_NOT_SERVED", "No recent request has this id.");
  sendJson(exchange, report);
}
