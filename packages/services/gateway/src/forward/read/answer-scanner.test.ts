import * as fc from "fast-check";
import { expect, test } from "vitest";
import { AnswerScanner } from "./answer-scanner.ts";

const scanner = new AnswerScanner("chat");
const scan = (text: string): boolean => {
  const bytes = Buffer.from(text);
  return scanner.scan(bytes, 0, bytes.length);
};

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

test("what JSON.parse takes as an object is one, and nothing else", () => {
  const json = fc.jsonValue({ maxDepth: 5 }).map((value) => JSON.stringify({ a: value, b: [value] }));
  const junk = fc.constantFrom(...'{}[]",:\\u0eE+-. \n\ttrufalsn19\u0001é'.split(""));
  const edit = fc.tuple(fc.nat(), fc.nat(3), fc.array(junk, { maxLength: 3 }));
  fc.assert(
    fc.property(json, fc.array(edit, { maxLength: 3 }), (text, edits) => {
      const edited = edits.reduce((before, [at, removed, added]) => {
        const position = at % (before.length + 1);
        return before.slice(0, position) + added.join("") + before.slice(position + removed);
      }, text);
      expect([scan(edited), edited]).toEqual([isObject(edited), edited]);
    }),
    { numRuns: 3000 },
  );
});

test.each([
  "",
  "[]",
  "1",
  "null",
  '"a"',
  "{} {}",
  "{",
  '{"a":1,}',
  '{"a"}',
  "{'a':1}",
  '{"a":01}',
  '{"a":1.}',
  '{"a":"\\x"}',
  '{"a":"\\u12g4"}',
])("%s is no answer", (text) => {
  expect(scan(text)).toBe(false);
});

test("nesting that would exhaust the stack is refused", () => {
  expect(scan(`{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`)).toBe(false);
});

test("choices tell their index, whether they ended, and whether they brought something", () => {
  const choices = [
    { index: 3, delta: { role: "assistant", content: "" }, finish_reason: null },
    { delta: { content: "x" }, logprobs: null },
    { index: 1, delta: { tool_calls: [{ index: 0, function: { arguments: "{" } }] }, finish_reason: "tool_calls" },
    { index: 12, text: "y", finish_reason: "" },
    { index: 2, delta: null, finish_reason: "stop" },
    { index: 4, delta: { reasoning_content: "hm", tool_calls: [] } },
  ];
  expect(scan(JSON.stringify({ id: "1", choices }))).toBe(true);
  expect(scanner.hasList).toBe(true);
  expect(scanner.choices.slice(0, scanner.count)).toEqual([
    { index: 3, finished: false, generated: false },
    { index: 0, finished: false, generated: true },
    { index: 1, finished: true, generated: true },
    { index: 12, finished: false, generated: true },
    { index: 2, finished: true, generated: false },
    { index: 4, finished: false, generated: true },
  ]);
});

test("only an error of the answer itself is one", () => {
  const hasError = (value: object): boolean => scan(JSON.stringify(value)) && scanner.hasError;
  expect(hasError({ error: { message: "x" } })).toBe(true);
  expect(hasError({ error: null, choices: [] })).toBe(false);
  expect(hasError({ choices: [{ index: 0, delta: { content: '"error":{}' }, error: 1 }] })).toBe(false);
});

test("cutting its range out removes usage and leaves all else, wherever it stands", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom("id", "choices", "model", "x"), fc.jsonValue()), { maxLength: 4 }),
      fc.nat(4),
      fc.constantFrom("", " ", "\n  "),
      (others, place, gap) => {
        const members = others.map(([name, value]) => `"${name}"${gap}:${gap}${JSON.stringify(value)}`);
        members.splice(place, 0, `"usage"${gap}:${gap}{"prompt_tokens":5,"x":"\\"usage\\":null"}`);
        const text = `${gap}{${gap}${members.join(`${gap},${gap}`)}${gap}}${gap}`;
        // A list of choices that is no list of objects is refused; this is about usage.
        if (!scan(text)) return;
        const bytes = Buffer.from(text);
        const without = bytes.toString("utf8", 0, scanner.memberFrom) + bytes.toString("utf8", scanner.memberTo);
        const { usage, ...rest } = JSON.parse(text);
        expect(JSON.parse(bytes.toString("utf8", scanner.usageFrom, scanner.usageTo))).toEqual(usage);
        expect(JSON.parse(without)).toEqual(rest);
        expect(text[scanner.closing]).toBe("}");
      },
    ),
    { numRuns: 500 },
  );
});
