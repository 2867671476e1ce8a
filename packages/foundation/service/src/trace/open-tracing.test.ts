import { once } from "node:events";
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
import { genAi, genAiConventions, genAiSpanName } from "./gen-ai.ts";
import { openTracing } from "./open-tracing.ts";
import { parseTraceparent, renderTraceparent } from "./traceparent.ts";

interface SentSpan {
  name: string;
  kind: number;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  attributes: { key: string; value: unknown }[];
  status: { code?: number; message?: string };
}

interface Sent {
  resourceSpans: {
    resource: { attributes: { key: string; value: { stringValue: string } }[] };
    scopeSpans: { spans: SentSpan[] }[];
  }[];
}

/** A loopback receiver of OTLP over HTTP, with what it got. */
async function receive() {
  const sent: Sent[] = [];
  const headers: Record<string, unknown>[] = [];
  const server = createServer((request, response) => {
    headers.push({ url: request.url, ...request.headers });
    response.setHeader("content-type", "application/json");
    void json(request).then((body) => {
      sent.push(body as Sent);
      return response.end("{}");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const spans = () =>
    sent.flatMap((each) => each.resourceSpans.flatMap((part) => part.scopeSpans.flatMap((scope) => scope.spans)));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as { port: number }).port}/v1/traces`,
    sent,
    headers,
    spans,
  };
}

const caller = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", sampled: true };
const identity = { service: "gateway", version: "1.2.3" };

describe("tracing", () => {
  test("sends the steps of a request, as children of who asked, with the names of the conventions", async () => {
    const { endpoint, sent, headers, spans } = await receive();
    const tracing = await openTracing({ ...identity, endpoint, headers: { "x-token": "t" } });
    const request = tracing.begin("POST /v1/chat/completions", {
      kind: "server",
      traceparent: renderTraceparent(caller),
    });
    const call = request.begin(genAiSpanName("chat", "guide"), {
      kind: "client",
      attributes: { [genAi.operationName]: "chat", [genAi.requestModel]: "guide", [genAi.requestSeed]: undefined },
    });
    call.set({ [genAi.usageInputTokens]: 12, [genAi.usageOutputTokens]: 30, [genAi.responseFinishReasons]: ["stop"] });
    call.end();
    request.fail("SERVER_DRAINING");
    request.end();
    await tracing.close();

    expect(headers[0]).toMatchObject({ url: "/v1/traces", "x-token": "t" });
    expect(sent[0]?.resourceSpans[0]?.resource.attributes).toEqual(
      expect.arrayContaining([
        { key: "service.name", value: { stringValue: "gateway" } },
        { key: "service.version", value: { stringValue: "1.2.3" } },
        { key: "hxp.gen_ai.conventions", value: { stringValue: genAiConventions } },
      ]),
    );
    const [chat, post] = spans();
    expect(post).toMatchObject({
      name: "POST /v1/chat/completions",
      kind: 2,
      traceId: caller.traceId,
      parentSpanId: caller.spanId,
    });
    expect(post?.status).toEqual({ code: 2, message: "SERVER_DRAINING" });
    expect(chat).toMatchObject({ name: "chat guide", kind: 3, traceId: caller.traceId, parentSpanId: post?.spanId });
    expect(parseTraceparent(call.traceparent)).toEqual({
      traceId: caller.traceId,
      spanId: chat?.spanId,
      sampled: true,
    });
    expect(request.traceId).toBe(caller.traceId);
    expect(Object.fromEntries(chat?.attributes.map(({ key, value }) => [key, value]) ?? [])).toEqual({
      "gen_ai.operation.name": { stringValue: "chat" },
      "gen_ai.request.model": { stringValue: "guide" },
      "gen_ai.usage.input_tokens": { intValue: 12 },
      "gen_ai.usage.output_tokens": { intValue: 30 },
      "gen_ai.response.finish_reasons": { arrayValue: { values: [{ stringValue: "stop" }] } },
    });
  });

  test("begins a trace of its own where nobody asked for one, and keeps a caller's choice not to record", async () => {
    const { endpoint, spans } = await receive();
    const tracing = await openTracing({ ...identity, endpoint });
    const own = tracing.begin("own", { traceparent: "nonsense" });
    own.end();
    const unsampled = tracing.begin("unsampled", { traceparent: renderTraceparent({ ...caller, sampled: false }) });
    unsampled.end();
    await tracing.close();
    expect(spans().map(({ name, parentSpanId }) => [name, parentSpanId ?? ""])).toEqual([["own", ""]]);
    expect(parseTraceparent(own.traceparent)?.sampled).toBe(true);
    expect(parseTraceparent(unsampled.traceparent)).toMatchObject({ traceId: caller.traceId, sampled: false });
  });

  test("records none where the share is zero", async () => {
    const { endpoint, spans } = await receive();
    const tracing = await openTracing({ ...identity, endpoint, ratio: 0 });
    tracing.begin("x").end();
    await tracing.close();
    expect(spans()).toEqual([]);
  });

  test("fails no request when nobody receives", async () => {
    const tracing = await openTracing({ ...identity, endpoint: "http://127.0.0.1:9/v1/traces" });
    tracing.begin("x").end();
    await expect(tracing.close()).resolves.toBeUndefined();
  });

  test("is off without an endpoint, loads nothing, and hands a caller's trace on", async () => {
    const load = () => Promise.reject(new Error("loaded"));
    const tracing = await openTracing({ ...identity, load });
    const header = renderTraceparent(caller);
    const span = tracing.begin("x", { traceparent: header });
    span.set({ a: 1 });
    span.fail("X");
    expect([span.traceparent, span.traceId, span.begin("y").traceparent]).toEqual([header, caller.traceId, header]);
    expect(tracing.begin("x").traceparent).toBeUndefined();
    expect(tracing.begin("x", { traceparent: "nonsense" }).traceparent).toBeUndefined();
    span.end();
    await tracing.close();
  });

  test("names the packages to install when they are missing", async () => {
    const load = (name: string) =>
      name === "@opentelemetry/resources" ? import("@opentelemetry/resources") : Promise.reject(new Error(name));
    await expect(openTracing({ ...identity, endpoint: "http://127.0.0.1:9/", load })).rejects.toMatchObject({
      code: "TRACING_UNAVAILABLE",
      hint: "Run npm install @opentelemetry/sdk-trace @opentelemetry/exporter-trace-otlp-http, or remove the endpoint.",
    });
  });
});

describe("a traceparent header", () => {
  const header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  test("is read and written as the standard says", () => {
    expect(parseTraceparent(header)).toEqual(caller);
    expect(renderTraceparent(caller)).toBe(header);
    expect(parseTraceparent(header.replace(/01$/, "fe"))?.sampled).toBe(false);
    expect(parseTraceparent(`cc${header.slice(2)}-later`)).toEqual(caller);
  });

  test.each([
    ["none", undefined],
    ["an empty one", ""],
    ["version ff", `ff${header.slice(2)}`],
    ["more than version 00 has", `${header}-more`],
    ["a trace of zeros", header.replace(caller.traceId, "0".repeat(32))],
    ["a span of zeros", header.replace(caller.spanId, "0".repeat(16))],
    ["capital letters", header.toUpperCase()],
    ["a line break", `${header}\n`],
  ])("is ignored when it is %s", (_, value) => {
    expect(parseTraceparent(value)).toBeUndefined();
  });
});
