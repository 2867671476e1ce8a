import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { GenerateEvent } from "@hxp/engine";
import type { TextRequest } from "./read-request.ts";
import { createFaultMeeter } from "./meet-answer-fault.ts";
import type { SimulatedRequest } from "./request-log.ts";
import { addPiece, beginChoice, type Choice, endChoice, toUsage, wholeChoice } from "./shapes.ts";
import type { Simulator } from "./simulator.ts";

/** One request for text and all that answering it needs. */
export interface TextExchange {
  readonly simulator: Simulator;
  readonly text: TextRequest;
  readonly log: SimulatedRequest;
  readonly response: ServerResponse;
  /** Aborted when the client has left. */
  readonly signal: AbortSignal;
}

/** Answers a request for text, with the fault that was given to it. */
export async function answerText(exchange: TextExchange): Promise<void> {
  const { text, log, response, signal, simulator } = exchange;
  const { fault } = log;
  if (fault?.type === "slow-first-token") await simulator.clock.sleep(fault.milliseconds, signal);
  const choices = text.requests.map((_, index): Choice => ({ index, calls: [], logprobs: [], text: "", reason: null }));
  const envelope = toEnvelope(exchange);
  const usages = new Map<number, GenerateEvent["usage"]>();
  const usage = (): object => toUsage(log, promptTokensOf(text, usages));
  const write = async (elements: readonly object[]): Promise<void> => {
    if (!text.stream || signal.aborted) return;
    open(exchange);
    for (const element of elements) {
      const counted = text.continuousUsage ? { usage: usage() } : {};
      await send(exchange, { ...envelope, choices: [element], ...counted });
    }
  };
  const meetFault = createFaultMeeter({ fault, response, stream: text.stream, clock: simulator.clock, signal });
  await Promise.all(choices.map((choice) => runChoice(exchange, { choice, usages, write, meetFault })));
  if (signal.aborted) return;
  if (text.stream) await endStream(exchange, { ...envelope, choices: [], usage: usage() });
  else sendWhole(exchange, { ...envelope, choices: toWhole(exchange, choices), usage: usage() });
}

async function endStream(exchange: TextExchange, last: object): Promise<void> {
  const { text, log, response } = exchange;
  const isWhole = log.fault?.type !== "no-finish-reason";
  if (text.includeUsage && isWhole) await send(exchange, last);
  if (isWhole && log.fault?.type !== "no-done") response.write("data: [DONE]\n\n");
  response.end();
}

function toWhole({ text, log }: TextExchange, choices: readonly Choice[]): object[] {
  const withLogprobs = text.requests[0]?.topLogprobs !== undefined;
  const isWhole = log.fault?.type !== "no-finish-reason";
  return choices.map((choice) => wholeChoice(text.type, isWhole ? choice : { ...choice, reason: null }, withLogprobs));
}

interface Run {
  readonly choice: Choice;
  readonly usages: Map<number, GenerateEvent["usage"]>;
  readonly write: (elements: readonly object[]) => Promise<void>;
  readonly meetFault: (tokens: number) => Promise<string>;
}

async function runChoice(exchange: TextExchange, { choice, usages, write, meetFault }: Run): Promise<void> {
  const { simulator, text, log, signal } = exchange;
  const request = text.requests[choice.index];
  if (request === undefined) return;
  const id = text.requests.length === 1 ? log.id : `${log.id}-${choice.index}`;
  let begun = false;
  for await (const event of simulator.model.generate({ ...request, id }, signal)) {
    note(exchange, usages, { index: choice.index, event });
    if (event.type === "start") continue;
    if (event.type !== "end") simulator.noteFirstToken(log);
    if (!begun) await write(beginChoice(text.type, choice));
    begun = true;
    if (event.type === "end") choice.reason = event.reason;
    else await write(addPiece(text.type, choice, event));
    choice.text += await meetFault(log.completionTokens);
  }
  if (log.fault?.type !== "no-finish-reason") await write(endChoice(text.type, choice));
}

/** Keeps the log's sums as they are in the engine. */
function note(
  { log }: TextExchange,
  usages: Run["usages"],
  { index, event }: { index: number; event: GenerateEvent },
): void {
  const before = usages.get(index) ?? { promptTokens: 0, cachedTokens: 0, completionTokens: 0 };
  usages.set(index, event.usage);
  log.promptTokens += event.usage.promptTokens - before.promptTokens;
  log.cachedTokens += event.usage.cachedTokens - before.cachedTokens;
  log.completionTokens += event.usage.completionTokens - before.completionTokens;
}

function promptTokensOf({ requests }: TextRequest, usages: Run["usages"]): number {
  const counted = new Set<unknown>();
  return [...usages].reduce((sum, [index, { promptTokens }]) => {
    const prompt = requests[index]?.prompt;
    if (promptTokens === 0 || counted.has(prompt)) return sum;
    counted.add(prompt);
    return sum + promptTokens;
  }, 0);
}

function toEnvelope({ text, log, simulator }: TextExchange): object {
  const isChat = text.type === "chat";
  const object = isChat ? `chat.completion${text.stream ? ".chunk" : ""}` : "text_completion";
  return {
    id: `${isChat ? "chatcmpl" : "cmpl"}-${log.id}`,
    object,
    created: simulator.seconds(),
    model: simulator.modelName,
  };
}

function open({ response, log }: TextExchange): void {
  if (response.headersSent) return;
  log.status = 200;
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "x-request-id": log.id });
}

async function send({ response, signal }: TextExchange, value: object): Promise<void> {
  if (response.write(`data: ${JSON.stringify(value)}\n\n`)) return;
  await once(response, "drain", { signal }).catch(() => undefined);
}

function sendWhole({ response, log }: TextExchange, value: object): void {
  log.status = 200;
  const body = Buffer.from(JSON.stringify(value));
  response
    .writeHead(200, { "content-type": "application/json", "content-length": body.length, "x-request-id": log.id })
    .end(body);
}
