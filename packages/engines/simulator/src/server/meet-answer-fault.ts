import type { ServerResponse } from "node:http";
import type { SimulatorClock } from "../engine/clock.ts";
import type { RequestFault } from "./request-fault.ts";

/** Thrown where a fault ends an exchange: whatever had to be done about it is done. */
export class Broken extends Error {}

/** What {@link createFaultMeeter} takes. */
export interface FaultyAnswer {
  readonly fault: RequestFault | undefined;
  readonly response: ServerResponse;
  readonly stream: boolean;
  readonly clock: SimulatorClock;
  readonly signal: AbortSignal;
}

/**
 * Makes a function that is told how many tokens there are, and that does, once, what the fault says about them. It returns
 * text to add to a whole answer. Throws {@link Broken} where the fault was the end.
 */
export function createFaultMeeter(answer: FaultyAnswer): (tokens: number) => Promise<string> {
  let isMet = false;
  return async (tokens) => {
    const { fault } = answer;
    if (isMet || fault === undefined || !("afterTokens" in fault) || tokens < fault.afterTokens) return "";
    isMet = true;
    return meet(answer, fault);
  };
}

type AnswerFault = Extract<RequestFault, { afterTokens: number }>;

const spoiled = '{"choices":[{"index":0,"delta":{"conte';

async function meet({ response, stream, clock, signal }: FaultyAnswer, fault: AnswerFault): Promise<string> {
  if (fault.type === "oversized") {
    const text = "x".repeat(fault.bytes);
    if (!stream) return text;
    const choice = { index: 0, delta: { content: text }, finish_reason: null };
    response.write(`data: ${JSON.stringify({ choices: [choice] })}\n\n`);
  } else if (fault.type === "stall") {
    await clock.sleep(2 ** 31 - 1, signal);
  } else if (fault.type === "cut") {
    response.socket?.resetAndDestroy();
    throw new Broken();
  } else if (stream) {
    response.write(`data: ${spoiled}\n\n`);
  } else {
    response.writeHead(200, { "content-type": "application/json" }).end(spoiled);
    throw new Broken();
  }
  return "";
}
