import { isHxpError, toHxpError } from "@hxp/errors";
import type { Endpoint } from "../openai/parameters.ts";
import type { OpenAiUsage } from "../openai/usage-meter.ts";
import type { Exchange } from "./exchange.ts";
import type { ServedModel } from "./served-model.ts";

/** What is noted while a request is answered. */
export interface RequestRecord {
  /** The first token is there; later calls change nothing. */
  firstToken(): void;
}

/** What {@link recordRequest} takes. */
export interface RecordedRequest {
  readonly exchange: Exchange;
  readonly endpoint: Endpoint;
  readonly served: ServedModel;
  /** What the request has used up to now. */
  readonly usage: () => OpenAiUsage;
}

/** Runs what answers a request, and records how it went: usage by id, metrics and one line of the log. Rejects as `run` does. */
export async function recordRequest(
  { exchange, endpoint, served, usage }: RecordedRequest,
  run: (record: RequestRecord) => Promise<void>,
): Promise<void> {
  const { instruments, events, clock } = served;
  const beganAt = clock();
  let firstTokenMs: number | undefined;
  const firstToken = (): void => {
    if (firstTokenMs !== undefined) return;
    firstTokenMs = clock() - beganAt;
    instruments.firstTokenSeconds.observe({ endpoint }, firstTokenMs / 1000);
  };
  const end = served.usage.begin(exchange.id, usage);
  const note = (outcome: "completed" | "failed" | "cancelled", code?: string): void => {
    const { prompt_tokens: promptTokens, completion_tokens: completionTokens } = usage();
    const durationMs = clock() - beganAt;
    end();
    instruments.requests.add({ endpoint, outcome });
    instruments.requestSeconds.observe({ endpoint }, durationMs / 1000);
    const facts = { requestId: exchange.id, endpoint, outcome, promptTokens, completionTokens, durationMs };
    events.requestEnded({ ...facts, firstTokenMs, code });
  };
  try {
    await run({ firstToken });
    note("completed");
  } catch (error) {
    if (exchange.left.aborted) note("cancelled");
    else note("failed", toHxpError(error).code);
    if (!exchange.left.aborted && isFault(error)) events.requestFailed({ requestId: exchange.id, error });
    throw error;
  }
}

/** Whether this side is at fault, and not the request or the end of the process. */
function isFault(error: unknown): boolean {
  return !isHxpError(error, "SERVER_DRAINING") && toHxpError(error).status === 500;
}
