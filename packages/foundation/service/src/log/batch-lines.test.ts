import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { runChild } from "../testing/child.ts";
import { batchLines } from "./batch-lines.ts";
import { createLogger } from "./create-logger.ts";

function collect() {
  const written: string[] = [];
  const log = createLogger({ service: "a", version: "1", stream: batchLines({ write: (text) => written.push(text) }) });
  const messages = () =>
    written.map((text) =>
      text
        .trimEnd()
        .split("\n")
        .map((line) => (JSON.parse(line) as { message: string }).message),
    );
  return { log, written, messages };
}

test("lines of one turn are written together, in their order", async () => {
  const { log, messages } = collect();
  log.info({}, "first");
  log.info({}, "second");
  expect(messages()).toEqual([]);
  await nextTurn();
  log.info({}, "third");
  await nextTurn();
  expect(messages()).toEqual([["first", "second"], ["third"]]);
});

test("a warning does not wait, nor does what came before it", async () => {
  const { log, messages } = collect();
  log.info({}, "before");
  log.warn({}, "warning");
  expect(messages()).toEqual([["before", "warning"]]);
  log.fatal({}, "the end");
  expect(messages()).toEqual([["before", "warning"], ["the end"]]);
  await nextTurn();
  expect(messages()).toHaveLength(2);
});

test("no write is longer than what a pipe keeps whole, but for a line that is", async () => {
  const { log, written, messages } = collect();
  for (let line = 0; line < 100; line += 1) log.info({ text: "ä".repeat(line * 7) }, "some");
  log.info({ text: "x".repeat(6000) }, "long");
  log.info({}, "after");
  await nextTurn();
  const long = written.filter((text) => Buffer.byteLength(text) > 4096);
  expect(long.map((text) => text.trimEnd().split("\n").length)).toEqual([1]);
  expect(messages().flat()).toEqual([...Array.from({ length: 100 }, () => "some"), "long", "after"]);
  expect(written.length).toBeLessThan(50);
});

test.each([
  ["exit", 3],
  ["throw", 1],
])("a process that ends by %s in the same turn has written its lines", async (how, code) => {
  const child = runChild(new URL("../testing/log-and-exit.ts", import.meta.url), { args: [how], quiet: true });
  expect(await child.ended).toBe(code);
  expect(child.lines).toMatchObject([{ message: "last words" }]);
});
