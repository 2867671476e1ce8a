import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { text as readText } from "node:stream/consumers";
import { HxpError } from "@hxp/errors";
import type { ServedModelConfig } from "@hxp/schema-model";
import type { Listening } from "@hxp/service";
import { boundAnswer } from "../load/bound-answer.ts";
import type { ServedModel } from "./served-model.ts";

/** What {@link proveModel} takes. */
export interface Proof {
  readonly listening: Listening;
  readonly served: ServedModel;
  readonly knownAnswer: ServedModelConfig["knownAnswer"];
  readonly signal: AbortSignal;
}

/**
 * Asks a model by its own front door: the known question must get the known answer, and without one at least one token must come.
 * A model that goes on is cut by {@link boundAnswer}. Throws MODEL_WARM_UP_FAILED.
 */
export async function proveModel({ listening, served, knownAnswer, signal }: Proof): Promise<void> {
  const { capabilities } = served.model.info;
  if (!capabilities.chat && !capabilities.completion) {
    await ask({ listening, signal, path: "/v1/embeddings", body: { model: served.name, input: "ready?" } });
    return;
  }
  const prompt = knownAnswer?.prompt ?? "Hello";
  const path = capabilities.chat ? "/v1/chat/completions" : "/v1/completions";
  const asked = capabilities.chat ? { messages: [{ role: "user", content: prompt }] } : { prompt };
  const bound = knownAnswer === undefined ? 1 : boundAnswer(knownAnswer.answer, served.model);
  const answer = await ask({
    listening,
    signal,
    path,
    body: { model: served.name, ...asked, temperature: 0, max_tokens: bound },
  });
  const said = readAnswer(answer);
  if (said.tokens === 0) throw new HxpError("MODEL_WARM_UP_FAILED", `The model ${served.name} answered with no token.`);
  if (knownAnswer === undefined || said.text.trim().startsWith(knownAnswer.answer.trim())) return;
  const cut = said.isCut ? ` and was cut after ${said.tokens} tokens` : "";
  const message = `The model ${served.name} answered ${quote(said.text)} to ${quote(prompt)}${cut}, expected ${quote(knownAnswer.answer)}.`;
  throw new HxpError("MODEL_WARM_UP_FAILED", message);
}

interface Question {
  readonly listening: Listening;
  readonly signal: AbortSignal;
  readonly path: string;
  readonly body: object;
}

async function ask({ listening, signal, path, body }: Question): Promise<unknown> {
  const { socket, address } = listening;
  const target = socket === undefined ? { ...urlOf(address) } : { socketPath: socket };
  const sent = request({
    ...target,
    path,
    method: "POST",
    signal,
    agent: false,
    headers: { "content-type": "application/json" },
  });
  const response = once(sent, "response");
  sent.end(JSON.stringify(body));
  const [received] = (await response) as [IncomingMessage];
  const answer = await readText(received);
  if (received.statusCode === 200) return JSON.parse(answer);
  throw new HxpError(
    "MODEL_WARM_UP_FAILED",
    `The model's first request was answered with ${received.statusCode}: ${answer.slice(0, 500)}`,
  );
}

/** Whoever listens everywhere can be reached on loopback. */
function urlOf(address: string): { host: string; port: string } {
  const { hostname, port } = new URL(address);
  const host =
    hostname === "0.0.0.0" ? "127.0.0.1" : hostname === "[::]" ? "::1" : hostname.replace(/^\[(.*)\]$/, "$1");
  return { host, port };
}

function readAnswer(answer: unknown): { text: string; tokens: number; isCut: boolean } {
  const { choices, usage } = answer as {
    choices: [{ message?: { content?: string | null }; text?: string; finish_reason?: string }];
    usage: { completion_tokens: number };
  };
  const [{ message, text, finish_reason: reason }] = choices;
  return { text: message?.content ?? text ?? "", tokens: usage.completion_tokens, isCut: reason === "length" };
}

function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
