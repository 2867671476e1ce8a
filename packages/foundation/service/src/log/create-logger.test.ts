import { HxpError } from "@hxp/errors";
import { describe, expect, test } from "vitest";
import { createLogger, type LoggerOptions } from "./create-logger.ts";

function collect(options: Partial<LoggerOptions> = {}) {
  const written: string[] = [];
  const base = { service: "gateway", version: "1.2.3", pid: 7, host: "a", clock: () => 0 };
  const log = createLogger({ ...base, stream: { write: (line) => written.push(line) }, ...options });
  const last = () => JSON.parse(written.at(-1) ?? "") as Record<string, unknown>;
  return { log, written, last };
}

const key = `hxp_${"a".repeat(16)}_${"b".repeat(43)}`;

describe("a log line", () => {
  test("is one JSON object with the base fields, the fields and the message", () => {
    const { log, written } = collect();
    log.info({ status: 200, model: "guide" }, "Answered");
    expect(written).toEqual([
      '{"level":"info","time":"1970-01-01T00:00:00.000Z","service":"gateway","version":"1.2.3","pid":7,"host":"a","status":200,"model":"guide","message":"Answered"}\n',
    ]);
  });

  test("is written from the level on that was asked for", () => {
    const { log, written } = collect({ level: "warn" });
    log.info({}, "no");
    log.warn({}, "yes");
    log.fatal({}, "yes");
    expect(written).toHaveLength(2);
    const silent = collect({ level: "silent" });
    silent.log.fatal({}, "no");
    expect(silent.written).toEqual([]);
  });

  test("carries the fields of its child, such as the request's id", () => {
    const { log, last } = collect();
    log.child({ requestId: "r1" }).child({ attempt: 2 }).info({}, "x");
    expect(last()).toMatchObject({ requestId: "r1", attempt: 2, service: "gateway" });
    log.info({}, "x");
    expect(last()).not.toHaveProperty("requestId");
  });

  test.each([
    ["authorization", { headers: { Authorization: "Bearer abcdefghijk" } }],
    ["a cookie", { headers: { "set-cookie": ["a=abcdefghijk"] } }],
    ["an API key header", { headers: { "X-API-Key": "abcdefghijk" } }],
    ["a password", { password: "abcdefghijk" }],
    ["a nested secret", { config: { storage: { pepper: "abcdefghijk" } } }],
    ["a key of ours", { anything: `it was ${key}` }],
    ["a key of ours in a list", { anything: [key] }],
    ["a password in a URL", { url: "postgres://u:abcdefghijk@host/db" }],
    ["a prompt", { prompt: "abcdefghijk" }],
    ["messages", { request: { messages: [{ role: "user", content: "abcdefghijk" }] } }],
    ["an answer", { choices: [{ message: { content: "abcdefghijk" } }] }],
    ["arguments of a tool", { tool: { arguments: '{"a":"abcdefghijk"}' } }],
  ])("never shows %s", (_, fields) => {
    for (const write of [
      (log: ReturnType<typeof createLogger>) => log.info(fields, "x"),
      (log: ReturnType<typeof createLogger>) => log.child(fields).info({}, "x"),
    ]) {
      const { log, written } = collect();
      write(log);
      expect(written.join("")).not.toMatch(/abcdefghijk|b{43}/);
      expect(written.join("")).toMatch(/\*\*\*|\[content/);
    }
  });

  test("masks secrets in its message and takes no format from it", () => {
    const { log, last } = collect();
    log.info({ a: 1 }, `100%s %j of ${key}`);
    expect(last()["message"]).toBe("100%s %j of hxp_***");
  });

  test("keeps counts whose name sounds like content or a secret", () => {
    const { log, last } = collect();
    log.info({ prompt: 12, tokens: 3, input: true }, "x");
    expect(last()).toMatchObject({ prompt: 12, tokens: 3, input: true });
  });

  test("holds an error with its code, hint and cause, and no secret of theirs", () => {
    const { log, last, written } = collect();
    const cause = new Error(`refused: Bearer ${"s".repeat(20)}`);
    log.error(
      { error: new HxpError("LEASE_HELD", "held by 7", { cause, details: { password: "s".repeat(20) } }) },
      "x",
    );
    expect(last()["error"]).toMatchObject({
      type: "HxpError",
      code: "LEASE_HELD",
      message: "held by 7",
      hint: expect.stringContaining("Wait"),
      details: { password: "***" },
      cause: { type: "Error", message: "refused: Bearer ***", stack: expect.stringContaining("create-logger.test.ts") },
    });
    expect(written.join("")).not.toContain("ssss");
  });
});

describe("a log cannot be forged", () => {
  test.each([
    ["a line break in a value", { model: 'x"}\n{"level":"fatal"' }],
    ["a line break in a name", { 'x":1}\n{"level': "fatal" }],
    ["other line breaks", { model: "a\r\u2028\u2029\u0085b" }],
    ["a lone surrogate", { model: "\ud800" }],
    ["a NUL", { model: "\0" }],
    ["a terminal's escape", { model: "\u001b[2J" }],
  ])("by %s", (_, fields) => {
    const { log, written, last } = collect();
    log.info(fields, "x\n{}");
    log.child(fields).info({}, "x");
    expect(written).toHaveLength(2);
    const bytes = written.flatMap((line) => Array.from(Buffer.from(line.slice(0, -1))));
    expect(bytes.filter((byte) => byte < 0x20)).toEqual([]);
    expect(last()["level"]).toBe("info");
  });

  test("by fields that are called like the logger's own", () => {
    const { log, last, written } = collect();
    log.info({ level: "fatal", time: "never", service: "other", message: "forged", pid: 1 }, "true");
    expect(last()).toMatchObject({
      level: "info",
      service: "gateway",
      message: "true",
      level_: "fatal",
      service_: "other",
    });
    expect(written[0]?.match(/"level":/g)).toHaveLength(1);
  });

  test("or made endless", () => {
    const { log, written, last } = collect();
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    const wide = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`f${index}`, index]));
    log.info({ circle, long: "x".repeat(100_000), wide, bytes: Buffer.alloc(100_000), many: new Map([[1, 2]]) }, "x");
    expect(written[0]?.length).toBeLessThan(15_000);
    expect(last()).toMatchObject({ bytes: "[100000 bytes]", many: "[1 entries]" });
  });
});
