import { globSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type ErrorCode, errorTable, HxpError } from "@hxp/errors";
import { isInternal, toInBandError, toOpenAiError } from "./write-error.ts";

/** Codes that only a process, a command or a log is told. */
const neverAnswered = ["KEY_SNAPSHOT_INVALID", "USAGE_INVALID", "STORAGE_FULL", "FILE_UNREADABLE", "INTERNAL"];

describe("toOpenAiError", () => {
  test("tells every error that this package makes for a client", () => {
    const folder = new URL("..", import.meta.url).pathname;
    const sources = globSync("**/*.ts", {
      cwd: folder,
      exclude: (name) => name.includes(".test.") || name === "testing",
    });
    const codes = sources.flatMap((file) => {
      const text = readFileSync(new URL(file, `file://${folder}`), "utf8");
      return [...text.matchAll(/new HxpError\(\s*"([A-Z_]+)"/g)].map(([, code = ""]) => code);
    });
    expect(codes.length).toBeGreaterThan(20);
    const untold = codes.filter((code) => isInternal(new HxpError(code as ErrorCode, "x")));
    expect(untold.filter((code) => !neverAnswered.includes(code) && !code.startsWith("CONFIG_"))).toEqual([]);
  });

  test.each<[ErrorCode, number, string, string]>([
    ["API_KEY_INVALID", 401, "invalid_request_error", "invalid_api_key"],
    ["PERMISSION_DENIED", 403, "permission_error", "permission_denied"],
    ["MODEL_NOT_FOUND", 404, "invalid_request_error", "model_not_found"],
    ["TOKENS_LIMIT_EXCEEDED", 429, "tokens", "rate_limit_exceeded"],
    ["RATE_LIMIT_EXCEEDED", 429, "requests", "rate_limit_exceeded"],
    ["BUDGET_EXCEEDED", 429, "insufficient_quota", "insufficient_quota"],
    ["QUEUE_FULL", 503, "server_error", "queue_full"],
    ["SERVER_DRAINING", 503, "server_error", "server_draining"],
    ["UPSTREAM_CUT", 502, "server_error", "upstream_cut"],
  ])("says %s as %i %s %s", (code, status, type, said) => {
    const { status: answered, body } = toOpenAiError(new HxpError(code, "It happened."));
    expect([answered, body]).toEqual([status, { error: { message: "It happened.", type, param: null, code: said } }]);
  });

  test("leaks nothing of what is internal", () => {
    for (const code of Object.keys(errorTable) as ErrorCode[]) {
      const error = new HxpError(code, "at /etc/hxp on 10.0.0.1", { cause: new Error("10.0.0.2") });
      const { status, body } = toOpenAiError(error);
      if (!isInternal(error) && !/^(?:STORAGE|AUDIT)_/.test(code)) continue;
      expect(JSON.stringify(body), code).not.toMatch(/10\.0|etc/);
      if (isInternal(error)) expect([status, body.error.code]).toEqual([500, "internal_error"]);
    }
  });

  test("says when to come back, in whole seconds rounded up and in milliseconds", () => {
    const error = new HxpError("RATE_LIMIT_EXCEEDED", "x", { details: { retryAfterMs: 1200.4 } });
    expect(toOpenAiError(error).headers).toEqual({
      "x-should-retry": "true",
      "retry-after": "2",
      "retry-after-ms": "1201",
    });
  });

  test("says not to come back where waiting does not help", () => {
    for (const code of ["RATE_LIMIT_EXCEEDED", "BUDGET_EXCEEDED", "REQUEST_INVALID", "INTERNAL"] as const) {
      expect(toOpenAiError(new HxpError(code, "x")).headers).toEqual({ "x-should-retry": "false" });
    }
    expect(toOpenAiError(new HxpError("SERVER_DRAINING", "x")).headers).toEqual({ "x-should-retry": "true" });
  });

  test("passes on what an engine said of a request, and a limit's own headers", () => {
    const details = { type: "invalid_request_error", code: "context_length_exceeded", param: "messages" };
    const { status, body } = toOpenAiError(new HxpError("REQUEST_REFUSED", "Too long.", { details }));
    expect([status, body.error]).toEqual([400, { message: "Too long.", ...details }]);
    const lacking = { type: "invalid_request_error", code: "unsupported", param: "store" };
    const refused = toOpenAiError(new HxpError("ENDPOINT_UNSUPPORTED", "Not here.", { details: lacking }));
    expect([refused.status, refused.body.error]).toEqual([501, { message: "Not here.", ...lacking }]);
    const limited = new HxpError("RATE_LIMIT_EXCEEDED", "x", {
      details: { headers: { "x-ratelimit-limit-requests": "1" } },
    });
    expect(toOpenAiError(limited).headers).toMatchObject({ "x-ratelimit-limit-requests": "1" });
  });
});

describe("toInBandError", () => {
  test("says whether to try again and what was used", () => {
    const usage = { promptTokens: 5, cachedTokens: 1, completionTokens: 2, countedBy: "engine" };
    const error = new HxpError("SERVER_DRAINING", "The server is shutting down.", { details: { usage } });
    expect(toInBandError(error)).toEqual({
      error: {
        message: "The server is shutting down.",
        type: "server_error",
        param: null,
        code: "server_draining",
        retryable: true,
        usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7, prompt_tokens_details: { cached_tokens: 1 } },
      },
    });
  });
});
