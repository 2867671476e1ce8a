import { HxpError, isHxpError } from "@hxp/errors";
import type { EndpointName, Lease } from "../pipeline.ts";
import { abortReason } from "./abort-reason.ts";
import { atEndOfTurn } from "./at-end-of-turn.ts";
import { Observed } from "./account/observed.ts";
import { choicesOf, prepareBody, wantsContinuousUsage } from "./prepare/prepare-body.ts";
import { answerHeaders, prepareHeaders } from "./prepare/prepare-headers.ts";
import { AnswerScanner } from "./read/answer-scanner.ts";
import { createRefusalReceiver } from "./read/read-refusal.ts";
import { StreamState } from "./read/stream-state.ts";
import { createAnswerRelay } from "./relay/relay-answer.ts";
import { sendAnswer } from "./relay/send-answer.ts";
import { StreamRelay } from "./relay/relay-stream.ts";
import type { Run } from "./run.ts";
import { type Judgement, judgeFailure } from "./send/judge-failure.ts";
import { type AnswerHead, type AnswerReceiver, type Stage, UpstreamCall } from "./send/upstream-call.ts";

/** What an engine refuses before it computes. */
const refusals = [
  "UPSTREAM_BUSY",
  "UPSTREAM_FAILED",
  "UPSTREAM_MISCONFIGURED",
  "REQUEST_REFUSED",
  "ENDPOINT_UNSUPPORTED",
] as const;

/** One for all requests: a scan is read before anything else can run. */
const scanners = {
  chat: new AnswerScanner("chat"),
  completions: new AnswerScanner("completions"),
  embeddings: new AnswerScanner("embeddings"),
} as const satisfies Record<EndpointName, AnswerScanner>;

const paths = { chat: "/chat/completions", completions: "/completions", embeddings: "/embeddings" } as const;

/** An attempt that did not answer. */
export interface Failure extends Pick<Judgement, "retry"> {
  readonly error: HxpError;
}

/** Runs one attempt on the target of a lease, and ends the lease. Returns the failure, if it is one. */
export async function runAttempt(run: Run, lease: Lease, attempt: number): Promise<Failure | undefined> {
  const { exchange } = run;
  const startedAt = run.clock();
  const observed = new Observed(lease.target, attempt === 1 ? exchange.id : `${exchange.id}-${attempt}`);
  const call = createCall(run, lease, observed);
  run.call = call;
  run.observed.push(observed);
  run.phase = "connecting";
  if (exchange.signal.aborted) call.fail(abortReason(exchange.signal));
  else void atEndOfTurn(() => call.guard(() => send(run, call, observed)));
  const error = hideToken(await call.ended, lease.target);
  run.call = undefined;
  observed.worked = hasWorked(call, error);
  return end(run, lease, { error, stage: call.stage, startedAt });
}

/** What an engine says of a request is told to clients: it must not repeat what the gateway sent beside it. */
function hideToken(error: HxpError | undefined, { authorization }: Lease["target"]): HxpError | undefined {
  const token = authorization?.replace(/^Bearer /, "") ?? "";
  if (error === undefined || token === "" || !error.message.includes(token)) return error;
  const { code, message, hint, cause, details } = error;
  return new HxpError(code, message.replaceAll(token, "***"), { hint, cause, details });
}

interface Ended {
  readonly error: HxpError | undefined;
  readonly stage: Stage;
  readonly startedAt: number;
}

function end(run: Run, lease: Lease, { error, stage, startedAt }: Ended): Failure | undefined {
  const { exchange, context } = run;
  const { stream } = exchange;
  const { id: target, model } = lease.target;
  if (error === undefined) {
    const result = { type: "ok", firstByteMs: exchange.arrivedAt + (run.firstByteMs ?? 0) - startedAt } as const;
    lease.end(result);
    context.hooks?.onAttempt?.({ target, model, result });
    return undefined;
  }
  const { retry, result } = judgeFailure({ error, stage, stream, onFault: context.retries.onFault ?? true });
  lease.end(result);
  context.hooks?.onAttempt?.({ target, model, result, error });
  return { error, retry };
}

function send({ exchange, context }: Run, call: UpstreamCall, { target, upstreamId }: Observed): void {
  target.dispatcher.dispatch(
    {
      origin: target.origin,
      path: `${target.basePath}${paths[exchange.endpoint]}`,
      method: "POST",
      headers: prepareHeaders({
        id: upstreamId,
        stream: exchange.stream,
        authorization: target.authorization,
        traceparent: context.traceparent,
      }),
      body: prepareBody(exchange, target),
      // The call keeps its own times.
      headersTimeout: 0,
      bodyTimeout: 0,
    },
    call,
  );
}

function hasWorked({ stage }: UpstreamCall, error: HxpError | undefined): Observed["worked"] {
  if (stage === "connecting" || refusals.some((code) => isHxpError(error, code))) return "no";
  return isHxpError(error, "UPSTREAM_UNREACHABLE") ? "perhaps" : "yes";
}

function createCall(run: Run, lease: Lease, observed: Observed): UpstreamCall {
  const { exchange, context } = run;
  const call: UpstreamCall = new UpstreamCall({
    timeouts: context.timeouts,
    remaining: Math.max(1, run.deadlineAt - run.clock()),
    stream: exchange.stream,
    onSent: () => {
      run.phase = "before-first-token";
    },
    receive: (head) => {
      if (head.status !== 200) return createRefusalReceiver(head);
      return exchange.stream
        ? relayStream(run, { lease, observed, call }, head)
        : relayAnswer(run, { lease, observed, call }, head);
    },
  });
  return call;
}

interface Attempt {
  readonly lease: Lease;
  readonly observed: Observed;
  readonly call: UpstreamCall;
}

function relayAnswer(run: Run, { lease, observed, call }: Attempt, head: AnswerHead): AnswerReceiver {
  const { exchange, context, response } = run;
  run.phase = "answering";
  return createAnswerRelay({
    call,
    observed,
    scanner: scanners[exchange.endpoint],
    finishes: exchange.endpoint !== "embeddings",
    answerBytes: run.limits.answerBytes,
    send: (body) => {
      begin(run, lease);
      run.sent = sendAnswer(response, answerHeaders(context.headers, lease, head.headers), body);
    },
  });
}

function relayStream(run: Run, { lease, observed, call }: Attempt, head: AnswerHead): AnswerReceiver {
  const { exchange, output } = run;
  checkStream(head);
  if (output === undefined) throw new TypeError("A stream has no output");
  output.onDrain = () => call.resume();
  return new StreamRelay({
    call,
    output,
    observed,
    state: new StreamState(choicesOf(exchange)),
    scanner: scanners[exchange.endpoint],
    policy: !exchange.wantsUsage ? "strip" : wantsContinuousUsage(exchange) ? "keep" : "last",
    eventBytes: run.limits.eventBytes,
    onBegin: () => {
      begin(run, lease);
      run.phase = "streaming";
      output.begin(lease.route);
    },
  });
}

function checkStream({ headers }: AnswerHead): void {
  const { "content-type": type = "text/event-stream", "content-encoding": encoding = "identity" } = headers;
  if (String(type).toLowerCase().startsWith("text/event-stream") && encoding === "identity") return;
  throw new HxpError("UPSTREAM_INVALID", "The upstream did not answer with a plain stream of events");
}

function begin(run: Run, lease: Lease): void {
  run.firstByteMs = Math.max(0, run.clock() - run.exchange.arrivedAt);
  run.servedBy = lease.target.id;
}
