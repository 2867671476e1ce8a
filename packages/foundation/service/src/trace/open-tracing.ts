import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer,
} from "@opentelemetry/api";
import type * as Exporters from "@opentelemetry/exporter-trace-otlp-http";
import type * as Resources from "@opentelemetry/resources";
import type * as Sdk from "@opentelemetry/sdk-trace";
import { HxpError } from "@hxp/errors";
import { genAiConventions } from "./gen-ai.ts";
import { parseTraceparent, renderTraceparent } from "./traceparent.ts";
import { noTracing, type SpanOptions, type TraceAttributes, type TraceSpan, type Tracing } from "./tracing.ts";

/** What {@link openTracing} takes. */
export interface TracingOptions {
  service: string;
  version: string;
  /** Where an OTLP/HTTP receiver takes traces: `http://127.0.0.1:4318/v1/traces`. Default none: no traces are made. */
  endpoint?: string | undefined;
  /** Headers for the receiver, such as a token. */
  headers?: Readonly<Record<string, string>>;
  /** Share of traces that begin here and are recorded, 0 to 1; a caller's choice is kept. Default 1. */
  ratio?: number;
  /** How to load an optional package. Default: `import`. */
  load?: (name: string) => Promise<unknown>;
}

/** The optional packages, in the order in which a person would install them. */
const packages = [
  "@opentelemetry/sdk-trace",
  "@opentelemetry/resources",
  "@opentelemetry/exporter-trace-otlp-http",
] as const;

/**
 * Opens tracing. Without an endpoint it records nothing and loads nothing. Attributes of generative AI follow
 * {@link genAiConventions}. Throws TRACING_UNAVAILABLE when an optional package is not installed.
 */
export async function openTracing(options: TracingOptions): Promise<Tracing> {
  const { endpoint, load = (name) => import(name) } = options;
  if (endpoint === undefined) return noTracing;
  const [sdk, resources, exporters] = await loadPackages(load);
  const exporter = new exporters.OTLPTraceExporter({
    url: endpoint,
    headers: { ...options.headers },
    timeoutMillis: 10_000,
  });
  const provider = new sdk.TracerProvider({
    resource: resources.resourceFromAttributes({
      "service.name": options.service,
      "service.version": options.version,
      "hxp.gen_ai.conventions": genAiConventions,
    }),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(options.ratio ?? 1) }),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer("@hxp/service", options.version);
  return {
    begin: (name, { traceparent, ...spanOptions } = {}) =>
      beginSpan({ tracer, context: toContext(traceparent) }, name, spanOptions),
    close: () => provider.shutdown().catch(() => {}),
  };
}

type Packages = [typeof Sdk, typeof Resources, typeof Exporters];

async function loadPackages(load: (name: string) => Promise<unknown>): Promise<Packages> {
  const loaded = await Promise.allSettled(packages.map((name) => load(name)));
  const missing = packages.filter((_, index) => loaded[index]?.status === "rejected");
  if (missing.length === 0) return loaded.map((each) => (each as PromiseFulfilledResult<unknown>).value) as Packages;
  const message = `A tracing endpoint is configured, but ${missing.join(", ")} cannot be loaded.`;
  throw new HxpError("TRACING_UNAVAILABLE", message, {
    hint: `Run npm install ${missing.join(" ")}, or remove the endpoint.`,
    cause: loaded.find((each) => each.status === "rejected")?.reason,
  });
}

function toContext(traceparent: string | undefined): Context {
  const parent = parseTraceparent(traceparent);
  if (parent === undefined) return ROOT_CONTEXT;
  const { traceId, spanId, sampled } = parent;
  const traceFlags = sampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}

const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL } as const;

interface Place {
  tracer: Tracer;
  context: Context;
}

function beginSpan({ tracer, context }: Place, name: string, options: SpanOptions = {}): TraceSpan {
  const { kind = "internal", attributes = {} } = options;
  const span = tracer.startSpan(name, { kind: kinds[kind], attributes: toAttributes(attributes) }, context);
  return wrapSpan(span, { tracer, context: trace.setSpan(context, span) });
}

function wrapSpan(span: Span, within: Place): TraceSpan {
  const { traceId, spanId, traceFlags } = span.spanContext();
  const sampled = isSampled(traceFlags);
  return {
    traceparent: renderTraceparent({ traceId, spanId, sampled }),
    traceId,
    set: (attributes) => void span.setAttributes(toAttributes(attributes)),
    fail: (type) => {
      span.setAttribute("error.type", type);
      span.setStatus({ code: SpanStatusCode.ERROR, message: type });
    },
    end: () => span.end(),
    begin: (name, options) => beginSpan(within, name, options),
  };
}

/** Other bits of the flags mean other things. */
function isSampled(flags: number): boolean {
  return (flags & 1) === 1;
}

function toAttributes(attributes: TraceAttributes): Attributes {
  const entries = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Attributes;
}
