import { type HxpError, isHxpError, toHxpError } from "@hxp/errors";
import type { UsageRecord } from "@hxp/schema-storage";
import type { TraceSpan, Tracing } from "@hxp/service";
import type { Admission, Price } from "../admit/admission.ts";
import { mayUseModel } from "../authenticate/authorise.ts";
import type { ForwardContext, Forwarded } from "../forward/forward-context.ts";
import { forwardExchange } from "../forward/forward-exchange.ts";
import { beginSpan, endSpan } from "../observe/trace-exchange.ts";
import type { EndpointName, Exchange, Reservation } from "../pipeline.ts";
import { toUsageRecord } from "../settle/usage-record.ts";
import type { Call, CallHandler, CallSummary } from "./call.ts";
import type { Signals } from "./client-signal.ts";
import { modelNotFound } from "./list-models.ts";
import { readExchange } from "./read-exchange.ts";
import { type JsonLimits, receiveJson } from "./receive-json.ts";
import { usageOf } from "./write-error.ts";

/** What the gateway knows of a model beside its upstreams. */
interface ServedModel {
  readonly price: Price;
  /** Tokens. */
  readonly contextLength: number | undefined;
}

/** What {@link createExchangeHandler} takes. */
export interface ExchangeOptions {
  readonly models: ReadonlyMap<string, ServedModel>;
  readonly body: JsonLimits;
  readonly signals: Signals;
  readonly admission: Pick<Admission, "reserve">;
  /** What is the same for all requests. */
  readonly forward: Omit<ForwardContext, "headers" | "priority" | "tenant" | "traceparent">;
  readonly record: (record: UsageRecord) => void;
  readonly tracing: Tracing;
  readonly clock: () => number;
}

/** Makes the handler of an endpoint that engines answer: read → admit → forward → settle. */
export function createExchangeHandler(endpoint: EndpointName, options: ExchangeOptions): CallHandler {
  return async (call) => {
    const exchange = await read(call, endpoint, options);
    const { id, key, model, estimate } = exchange;
    const price = options.models.get(model)?.price;
    const reservation = options.admission.reserve({ id, key, model, estimate, price });
    const span = beginSpan(options.tracing, exchange, traceparentOf(call));
    return forwardAndSettle({ exchange, reservation, price, call, span }, options);
  };
}

async function read(call: Call, endpoint: EndpointName, options: ExchangeOptions): Promise<Exchange> {
  const { models, signals } = options;
  const { raw, body } = await receiveJson(call, options.body);
  const exchange = readExchange({
    call,
    endpoint,
    raw,
    body,
    signal: signals.open(call.response),
    contextLengthOf: (model) => models.get(model)?.contextLength,
  });
  const { model } = exchange;
  if (!models.has(model)) throw modelNotFound(model);
  if (!mayUseModel(call.key, model)) throw modelNotFound(model, call.key);
  call.model = model;
  return exchange;
}

interface Admitted {
  readonly exchange: Exchange;
  readonly reservation: Reservation;
  readonly price: Price | undefined;
  readonly call: Call;
  readonly span: TraceSpan;
}

/** The reservation ends here, however the request does. */
async function forwardAndSettle(admitted: Admitted, options: ExchangeOptions): Promise<CallSummary> {
  const { exchange, reservation, call, span } = admitted;
  const { id, key } = exchange;
  const context = {
    ...options.forward,
    headers: { "x-request-id": id, ...reservation.headers },
    priority: key.priority,
    tenant: key.team ?? key.id,
    traceparent: span.traceparent,
  };
  try {
    const forwarded = await forwardExchange(exchange, call.response, context);
    settle(admitted, forwarded, options);
    return summarise(forwarded);
  } catch (thrown) {
    settle(admitted, fromError(toHxpError(thrown)), options);
    throw thrown;
  }
}

function settle(
  { exchange, reservation, price, span }: Admitted,
  forwarded: Forwarded,
  options: ExchangeOptions,
): void {
  const durationMs = Math.max(0, options.clock() - exchange.arrivedAt);
  const record = toUsageRecord({ exchange, forwarded, price, durationMs });
  const { promptTokens, completionTokens, cost } = record;
  reservation.settle({ promptTokens, completionTokens, cost });
  options.record(record);
  endSpan(span, forwarded);
}

/** What came of a request that failed before its answer began. */
function fromError(error: HxpError): Forwarded {
  const nothing = { promptTokens: 0, cachedTokens: 0, completionTokens: 0, countedBy: "gateway" } as const;
  const outcome = isHxpError(error, "CLIENT_GONE") ? "cancelled" : "failed";
  return { outcome, error, usage: usageOf(error) ?? nothing, status: error.status };
}

function traceparentOf({ request: { headers } }: Call): string | undefined {
  const { traceparent } = headers;
  return typeof traceparent === "string" ? traceparent : undefined;
}

function summarise({ outcome, error, usage, servedBy, firstByteMs, status }: Forwarded): CallSummary {
  const { promptTokens, cachedTokens, completionTokens } = usage;
  return { status, outcome, code: error?.code, servedBy, promptTokens, cachedTokens, completionTokens, firstByteMs };
}
