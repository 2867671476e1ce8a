import { expect, test } from "vitest";
import type { Vocabulary } from "./vocabulary.ts";
import { TextWriter } from "./text-writer.ts";

/** One token for each byte. */
const bytes = {
  bytesOf: (token: number) => Uint8Array.of(token),
  nameOf: String,
  controls: new Map([["[CALL]", 1]]),
} as unknown as Vocabulary;
const write = (writer: TextWriter, text: string): string[] =>
  [...Buffer.from(text)].map((token) => writer.push({ token, logprobs: undefined }).text);

test("a character comes out when its last byte is there, never half", () => {
  const writer = new TextWriter(bytes, { stop: [], dropsSpace: false, visible: [] });
  expect(write(writer, "é😀a")).toEqual(["", "é", "", "", "", "😀", "a"]);
  expect(writer.flush().text).toBe("");
});

test("half a character at the end becomes U+FFFD", () => {
  const writer = new TextWriter(bytes, { stop: [], dropsSpace: false, visible: [] });
  expect(writer.push({ token: 0xf0, logprobs: undefined }).text).toBe("");
  expect(writer.flush().text).toBe("\u{FFFD}");
});

test("the space that a tokenizer puts before the first word is dropped once", () => {
  const writer = new TextWriter(bytes, { stop: [], dropsSpace: true, visible: [] });
  expect(write(writer, " a b").join("")).toBe("a b");
});

test("log probabilities come with the text of their tokens, and not after a stop text", () => {
  const writer = new TextWriter(bytes, { stop: ["cd"], dropsSpace: false, visible: [] });
  const push = (text: string): [string, string[]] => {
    const written = writer.push({ token: text.charCodeAt(0), logprobs: { chosen: -1, top: [[0x7a, -2]] } });
    return [written.text, written.logprobs.map(({ token }) => token)];
  };
  expect(push("a")).toEqual(["a", ["a"]]);
  expect(push("c")).toEqual(["", []]);
  expect(push("b")).toEqual(["cb", ["c", "b"]]);
  expect(push("c")).toEqual(["", []]);
  expect(push("d")).toEqual(["", []]);
});

test("a control token that begins a call is shown where it is asked for", () => {
  const shown = new TextWriter(bytes, { stop: [], dropsSpace: false, visible: ["[CALL]", "unknown"] });
  expect(shown.push({ token: 1, logprobs: undefined }).text).toBe("[CALL]");
  const hidden = new TextWriter(bytes, { stop: [], dropsSpace: false, visible: [] });
  expect(hidden.push({ token: 1, logprobs: undefined }).text).toBe("\u0001");
});
