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
    const exchange = { id: readId(request), request, response, left: left.signal };
    answer(exchange, served).catch((error: unknown) => {
      if (!left.signal.aborted && !response.writableEnded) sendError(exchange, error);
    });
  };
}

function readId(request: IncomingMessage): string {
  const given = request.headers["x-request-id"];
  return typeof given === "string" && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}

type Answer = (exchange: Exchange, served: ServedModel) => Promise<void> | void;

const routes: Readonly<Record<string, Answer>> = {
  "POST /v1/chat/completions": async (exchange, served) => {
    const body = await readBody(exchange, served);
    await answerGeneration(exchange, readChatRequest(body, served.model.info.capabilities), served);
  },
  "POST /v1/completions": async (exchange, served) => {
    const body = await readBody(exchange, served);
    await answerGeneration(exchange, readCompletionRequest(body, served.model.info.capabilities), served);
  },
  "POST /v1/embeddings": async (exchange, served) => {
    const body = await readBody(exchange, served);
    await answerEmbeddings(exchange, readEmbeddingRequest(body, served.model.info), served);
  },
  "GET /v1/models": (exchange, served) => sendJson(exchange, { object: "list", data: [describeModel(served)] }),
  "GET /metrics": async ({ response }, { metrics }) => {
    const text = await metrics.render();
    response.writeHead(200, { "content-type": metrics.contentType }).end(text);
  },
};

async function answer(exchange: Exchange, served: ServedModel): Promise<void> {
  const { method = "GET", url = "/" } = exchange.request;
  const [path = "/"] = url.split("?", 1);
  const route = `${method} ${path}`;
  if (Object.hasOwn(routes, route)) return routes[route]?.(exchange, served);
  if (route === `GET /v1/models/${served.name}`) return sendJson(exchange, describeModel(served));
  if (route.startsWith(usageRoute)) return answerUsage(exchange, served, route.slice(usageRoute.length));
  throw new HxpError("MODEL_NOT_SERVED", `Nothing is served at ${method} ${path.slice(0, 200)}.`);
}

async function readBody({ request }: Exchange, served: ServedModel): Promise<Json> {
  const body = await readJsonBody(request, served.maxBodyBytes);
  const asked = body["model"];
  if (typeof asked !== "string" || asked === served.name) return body;
  const message = `The model ${JSON.stringify(asked.slice(0, 200))} is not served here; ${served.name} is.`;
  throw new HxpError("MODEL_NOT_SERVED", message, { details: { param: "model" } });
}

function describeModel({ name, createdAt }: ServedModel): object {
  return { id: name, object: "model", created: Math.floor(createdAt / 1000), owned_by: "hxp" };
}

const usageRoute = "GET /internal/usage/";

function answerUsage(exchange: Exchange, served: ServedModel, id: string): void {
  const report = served.usage.find(id);
  if (report === undefined) throw new HxpError("MODEL_NOT_SERVED", "No recent request has this id.");
  sendJson(exchange, report);
}
