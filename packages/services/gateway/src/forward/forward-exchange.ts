import type { ServerResponse } from "node:http";
import { HxpError, isHxpError, toHxpError } from "@hxp/errors";
import { abortReason } from "./abort-reason.ts";
import { countUsage, usageSoFar } from "./account/count-usage.ts";
import type { CountedUsage, Exchange } from "../pipeline.ts";
import type { ForwardContext, Forwarded } from "./forward-context.ts";
import { createRun, type Run } from "./run.ts";
import { runAttempts } from "./run-attempts.ts";

/**
 * Sends a request to a target and its answer to the client: acquire → send → relay, again on other targets and models
 * while the client has no byte of an answer and that is safe. Returns how it ended once the client was answered, in a
 * stream also with an error, or has left.
 *
 * Throws while the client waits for a status: what the router throws, SERVER_DRAINING, REQUEST_REFUSED,
 * ENDPOINT_UNSUPPORTED, REQUEST_TIMEOUT, or an `UPSTREAM_…` code; what was generated is in `details.usage`.
 */
export async function forwardExchange(
  exchange: Exchange,
  response: ServerResponse,
  context: ForwardContext,
): Promise<Forwarded> {
  const run = createRun({ exchange, response, context });
  const cancel = (): void => cancelCurrent(run);
  exchange.signal.addEventListener("abort", cancel, { once: true });
  try {
    await runAttempts(run);
    await run.sent;
    return conclude(run, { outcome: "completed" }, await countUsage(exchange, run.observed, run.limits.usageWait));
  } catch (thrown) {
    return await concludeFailure(run, toHxpError(thrown));
  } finally {
    exchange.signal.removeEventListener("abort", cancel);
    run.output?.close();
  }
}

function cancelCurrent(run: Run): void {
  const { exchange, context, call } = run;
  const { phase } = run;
  const at = performance.now();
  const reason = abortReason(exchange.signal);
  call?.fail(reason);
  if (isHxpError(reason, "CLIENT_GONE")) context.hooks?.onCancelled?.({ phase, ms: performance.now() - at });
}

async function concludeFailure(run: Run, error: HxpError): Promise<Forwarded> {
  const { exchange, output } = run;
  const isGone = error.code === "CLIENT_GONE";
  const isAnswered = output?.answered === true;
  if (isAnswered && !isGone) {
    output.fail(run.context.toInBandError(withUsage(error, usageSoFar(exchange, run.observed))));
  }
  const usage = await countUsage(exchange, run.observed, run.limits.usageWait);
  if (isGone) return conclude(run, { outcome: "cancelled", error, ...(!isAnswered && { status: 499 }) }, usage);
  if (isAnswered) return conclude(run, { outcome: "failed", error }, usage);
  throw withUsage(error, usage);
}

function conclude(run: Run, how: Partial<Forwarded> & Pick<Forwarded, "outcome">, usage: CountedUsage): Forwarded {
  const { servedBy, firstByteMs } = run;
  return {
    status: 200,
    usage,
    ...(servedBy !== undefined && { servedBy }),
    ...(firstByteMs !== undefined && { firstByteMs }),
    ...how,
  };
}

function withUsage(error: HxpError, usage: CountedUsage): HxpError {
  if (usage.promptTokens + usage.completionTokens === 0) return error;
  const { code, message, hint, cause, details } = error;
  return new HxpError(code, message, { hint, cause, details: { ...details, usage } });
}
