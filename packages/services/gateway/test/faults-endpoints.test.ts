import { describe, expect, test } from "vitest";
import { type Behaviour, refuse, sendJson, silence } from "./hostile-upstream.ts";
import { expectNoLeak, startUnderFault } from "./start-under-fault.ts";

const settings = { timeouts: { firstToken: "300ms", answer: "300ms", idle: "300ms" } };
const usage = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 };
const completion = { id: "cmpl-1", object: "text_completion", created: 1, model: "engine", usage };
const list = { object: "list", model: "engine", usage: { prompt_tokens: 5, total_tokens: 5 } };
const vector = { object: "embedding", index: 0, embedding: [0.5] };

const endpoints = {
  completions: { path: "/completions", body: { prompt: "Hi" } },
  embeddings: { path: "/embeddings", body: { input: "Hi", stream: undefined } },
} as const;
type Endpoint = keyof typeof endpoints;

const piece = (text: string, finish_reason: string | null = null): string =>
  `data: ${JSON.stringify({ ...completion, usage: undefined, choices: [{ index: 0, text, finish_reason }] })}\n\n`;

const streamThen =
  (then: Behaviour): Behaviour =>
  (response, request) => {
    response.writeHead(200, { "content-type": "text/event-stream" }).write(piece("Hel"));
    setImmediate(() => setImmediate(() => then(response, request)));
  };

const cut: Behaviour = (response) => {
  response.writeHead(200, { "content-type": "application/json" }).write('{"object":');
  setImmediate(() => setImmediate(() => response.socket?.destroy()));
};

/** What an endpoint answers with for each fault, and what the ledger says was used. */
const faults: readonly [Endpoint, string, Behaviour, status: number, code: string, tokens: readonly number[]][] = (
  ["completions", "embeddings"] as const
).flatMap((endpoint) => [
  [endpoint, "429", refuse(429), 503, "upstream_busy", [0, 0]],
  [endpoint, "500", refuse(500), 502, "upstream_failed", [0, 0]],
  [endpoint, "a refusal", refuse(400), 400, "invalid_request", [0, 0]],
  [endpoint, "501", refuse(501), 501, "unsupported_endpoint", [0, 0]],
  [endpoint, "silence", silence, 504, "upstream_timeout", [expect.any(Number), 0]],
  [endpoint, "a cut", cut, 502, "upstream_cut", [expect.any(Number), endpoint === "embeddings" ? 0 : 3]],
  [endpoint, "no JSON", (response) => void response.end("<html>"), 502, "upstream_invalid", expect.any(Array)],
  [endpoint, "no list", (response) => sendJson(response, { usage }), 502, "upstream_invalid", expect.any(Array)],
]);

test.each(faults)("%s: %s is told with its status, and nothing leaks", async (...fault) => {
  const [endpoint, , behaviour, status, code, tokens] = fault;
  const started = await startUnderFault({ settings });
  started.upstream.behave(behaviour);
  const answer = await started.ask(endpoints[endpoint]);
  expect([answer.status, answer.error?.["code"]]).toEqual([status, code]);
  const { outcome, promptTokens, completionTokens, ...record } = await started.ledger();
  expect([record.endpoint, outcome, [promptTokens, completionTokens]]).toEqual([endpoint, "failed", tokens]);
  await expectNoLeak(started);
});

describe("a whole answer", () => {
  test.each([
    ["completions", { ...completion, choices: [{ index: 0, text: "Hello!", finish_reason: "stop" }] }, 2],
    // Embeddings have no finish reason, and generate nothing.
    ["embeddings", { ...list, data: [vector, { ...vector, index: 1 }] }, 0],
  ] as const)("of %s is passed on as it is", async (endpoint, body, completionTokens) => {
    const { upstream, ask, ledger } = await startUnderFault();
    upstream.behave((response) => sendJson(response, body));
    expect(JSON.parse((await ask(endpoints[endpoint])).text)).toEqual(body);
    expect(await ledger()).toMatchObject({ endpoint, promptTokens: 5, completionTokens, countedBy: "engine" });
  });

  test("of completions without a finish reason is none", async () => {
    const started = await startUnderFault();
    started.upstream.behave((response) => sendJson(response, { ...completion, choices: [{ index: 0, text: "Hel" }] }));
    expect((await started.ask(endpoints.completions)).error).toMatchObject({ code: "upstream_incomplete" });
    expect(await started.ledger()).toMatchObject({ promptTokens: 5, completionTokens: 2, countedBy: "engine" });
    await expectNoLeak(started);
  });
});

describe("a stream of completions", () => {
  test.each<[string, Behaviour, string]>([
    ["a cut", (response) => void response.socket?.destroy(), "upstream_cut"],
    ["a stall", silence, "upstream_stalled"],
    ["a malformed event", (response) => void response.write("data: {\n\n"), "upstream_invalid"],
    ["[DONE] without a finish reason", (response) => void response.end("data: [DONE]\n\n"), "upstream_incomplete"],
    ["an end without a finish reason", (response) => void response.end(), "upstream_incomplete"],
  ])("with %s never ends well", async (_, then, code) => {
    const started = await startUnderFault({ settings });
    started.upstream.behave(streamThen(then));
    const { status, error, text } = await started.ask({ ...endpoints.completions, stream: true });
    expect([status, error?.["code"], error?.["retryable"]]).toEqual([200, code, true]);
    expect(text).toContain("Hel");
    expect(text).not.toContain("[DONE]");
    expect(await started.ledger()).toMatchObject({ outcome: "failed", completionTokens: 1, countedBy: "gateway" });
    await expectNoLeak(started);
  });

  test("needs the finish reason of each prompt's choices", async () => {
    const started = await startUnderFault();
    started.upstream.behave(streamThen((response) => void response.end(piece("lo!", "stop"))));
    const body = { prompt: ["a", "b"] };
    const { error } = await started.ask({ path: "/completions", stream: true, body });
    expect(error).toMatchObject({ code: "upstream_incomplete" });
    await expectNoLeak(started);
  });
});
