import { describe, expect, test } from "vitest";
import { entryOf, HxpError, isHxpError, redact, toHxpError } from "@hxp/errors";

describe("HxpError", () => {
  test("carries the table's exit code, status, retryability and fix", () => {
    const error = new HxpError("LEASE_HELD", "held by pid 1");
    expect(error).toMatchObject({ exitCode: 12, status: 409, retryable: true, hint: entryOf("LEASE_HELD").fix });
  });

  test("answers 500 where the table names no status", () => {
    expect(new HxpError("COMMAND_FAILED", "x").status).toBe(500);
  });

  test("is recognised when it comes from another copy of the package", () => {
    const foreign = Object.assign(new Error("x"), { code: "LEASE_HELD", [Symbol.for("hxp.error")]: true });
    expect(isHxpError(foreign)).toBe(true);
    expect(isHxpError(foreign, "LEASE_HELD")).toBe(true);
    expect(isHxpError(foreign, "INTERNAL")).toBe(false);
    expect(isHxpError(new Error("x"))).toBe(false);
    expect(isHxpError(undefined)).toBe(false);
  });

  test("prints as JSON without cause and stack", () => {
    const error = new HxpError("INTERNAL", "m", { hint: "h", cause: new Error("c"), details: { path: "a" } });
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      code: "INTERNAL",
      message: "m",
      hint: "h",
      retryable: false,
      details: { path: "a" },
    });
  });
});

test("the JSON of an error masks secrets anywhere in its details", () => {
  const details = { list: [{ url: "https://u:hunter22@host/" }], count: 1, none: null };
  expect(new HxpError("INTERNAL", "m", { details }).toJSON()["details"]).toEqual({
    list: [{ url: "https://***@host/" }],
    count: 1,
    none: null,
  });
});

describe("toHxpError", () => {
  test("names the path of a full disk", () => {
    const thrown = Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC", path: "/data/x" });
    const error = toHxpError(thrown);
    expect(error.code).toBe("STORAGE_FULL");
    expect(error.message).toContain("/data/x");
    expect(error.cause).toBe(thrown);
  });

  test("says 'a file' when the full disk's error names no path", () => {
    expect(toHxpError(Object.assign(new Error("x"), { code: "EDQUOT" })).message).toContain("a file");
  });

  test("keeps ours, wraps others, and takes what is no Error", () => {
    const ours = new HxpError("USAGE_INVALID", "x");
    expect(toHxpError(ours)).toBe(ours);
    expect(toHxpError(new Error("boom"))).toMatchObject({ code: "INTERNAL", message: "boom" });
    expect(toHxpError("boom").message).toBe("boom");
  });
});

describe("redact", () => {
  test.each([
    ["https://user:hunter22@host/x", "hunter22"],
    ["token npm_abcdefghijklmnopqrstuvwx", "abcdefghijklmnop"],
    ["Authorization: Bearer abcdef123456", "abcdef123456"],
    ["//host/:_authToken=abcdef123456", "abcdef123456"],
    ["https://s3crettoken@r.example/", "s3cret"],
    ["https://r.example/?token=s3cret", "s3cret"],
    ["https://r.example/a?s3cret", "s3cret"],
    ["https://r.example/#s3cret", "s3cret"],
    ["https://user:p@ss/word@host/", "word"],
    ["https://user:pa/ss@host/", "ss"],
    ["password: hunter2", "hunter2"],
    ['{"password":"hunter2"}', "hunter2"],
    ["_password=abc", "abc"],
    ["x-api-key: abc", "abc"],
    ["AKIAIOSFODNN7EXAMPLE", "IOSFODNN7EXAMPLE"],
    ["ASIAIOSFODNN7EXAMPLE", "IOSFODNN7EXAMPLE"],
    ["hxp_0123456789abcdef_0123456789", "0123456789abcdef"],
    ["ghs_0123456789abcdef", "0123456789abcdef"],
    ["glpat-0123456789abcdef", "0123456789abcdef"],
    ["BEARER ABCDEF123456", "ABCDEF123456"],
    ["Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"],
    ["passwd=hunter2", "hunter2"],
    ["SECRET=hunter2", "hunter2"],
    ["token=hunter2", "hunter2"],
    ["API_KEY: hunter2", "hunter2"],
    ["apikey=hunter2", "hunter2"],
    ["jwt eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.c2lnbmF0dXJl", "eyJzdWIiOiIxMjM0"],
  ])("masks the secret in %s", (text, secret) => {
    expect(redact(text)).not.toContain(secret);
    expect(new HxpError("INTERNAL", text, { hint: text }).message).not.toContain(secret);
  });

  test.each([
    "@hxp/config@1.0.0 at http://127.0.0.1:1/",
    "http://127.0.0.1:4873/@hxp/config and http://[::1]:4873/@hxp/config",
    '{"url":"https://r.example:8080/a","mail":"a@b.example"}',
    "server.token is not set, expected a reference",
  ])("leaves %s alone", (text) => {
    expect(redact(text)).toBe(text);
  });
});
