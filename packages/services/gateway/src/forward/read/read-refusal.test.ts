import { expect, test } from "vitest";
import { readRefusal, readStreamError } from "./read-refusal.ts";

const refusal = (status: number, body: unknown, headers = {}) =>
  readRefusal({ status, headers }, Buffer.from(typeof body === "string" ? body : JSON.stringify(body)));

test.each([
  [
    "OpenAI",
    { error: { message: "m", type: "invalid_request_error", param: "messages", code: "context_length_exceeded" } },
  ],
  [
    "vLLM",
    {
      error: {
        message: "This model's maximum context length is 8",
        type: "BadRequestError",
        param: "messages",
        code: 400,
      },
    },
  ],
  [
    "an older vLLM",
    { object: "error", message: "maximum context length is 8", type: "BadRequestError", param: "messages", code: 400 },
  ],
  [
    "llama.cpp",
    { error: { code: 400, message: "too long", type: "exceed_context_size_error", param: "messages", n_ctx: 8 } },
  ],
])("a prompt that is too long for %s is context_length_exceeded", (_, body) => {
  const error = refusal(400, body);
  expect([error.code, error.retryable]).toEqual(["REQUEST_REFUSED", false]);
  expect(error.details).toMatchObject({
    type: "invalid_request_error",
    param: "messages",
    code: "context_length_exceeded",
  });
});

test.each([
  ["7", 7000],
  ["0.5", 500],
  ["soon", undefined],
  ["", undefined],
])("Retry-After %j is %j ms", (text, ms) => {
  expect(refusal(429, {}, { "retry-after": text }).details["retryAfterMs"]).toBe(ms);
});

test("Retry-After may be a date, and retry-after-ms comes before it", () => {
  const date = new Date(Date.now() + 60_000).toUTCString();
  const { retryAfterMs } = refusal(503, {}, { "retry-after": date }).details;
  expect(retryAfterMs).toBeGreaterThan(50_000);
  expect(retryAfterMs).toBeLessThanOrEqual(60_000);
  expect(refusal(503, {}, { "retry-after": "7", "retry-after-ms": "20" }).details["retryAfterMs"]).toBe(20);
});

test("what an upstream says about itself is kept from clients, what it says about the request is not", () => {
  expect(refusal(500, { error: { message: "at /srv/engine.py" } }).message).not.toContain("engine.py");
  expect(refusal(401, { error: "bad token abc" }).message).not.toContain("abc");
  expect(refusal(422, { error: "n must be 1" }).message).toBe("n must be 1");
  expect(refusal(400, "<html>").message).toBe("The engine refused the request with status 400");
  expect(refusal(302, "").code).toBe("UPSTREAM_MISCONFIGURED");
});

test("what an engine lacks keeps the engine's parameter and code", () => {
  const error = refusal(501, { error: { message: "Not stored.", param: "store", code: "unsupported", type: "x" } });
  expect([error.code, error.status, error.message]).toEqual(["ENDPOINT_UNSUPPORTED", 501, "Not stored."]);
  expect(error.details).toEqual({ param: "store", code: "unsupported", type: "invalid_request_error" });
});

test("an error in a stream about the gateway's own token or address keeps its words from clients", () => {
  const error = readStreamError(Buffer.from(JSON.stringify({ error: { code: 401, message: "bad token abc" } })));
  expect([error.code, error.message.includes("abc")]).toEqual(["UPSTREAM_MISCONFIGURED", false]);
});

test("an error in a stream is the request's fault only with a 4xx code", () => {
  const code = (error: object) => readStreamError(Buffer.from(JSON.stringify({ error }))).code;
  expect([code({ code: 400 }), code({ code: 429 }), code({ code: 500 }), code({}), code({ code: "x" })]).toEqual([
    "REQUEST_REFUSED",
    "UPSTREAM_FAILED",
    "UPSTREAM_FAILED",
    "UPSTREAM_FAILED",
    "UPSTREAM_FAILED",
  ]);
});
