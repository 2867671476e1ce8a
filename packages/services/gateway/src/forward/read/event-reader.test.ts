import * as fc from "fast-check";
import { expect, test } from "vitest";
import { EventReader } from "./event-reader.ts";

interface ReadEvent {
  readonly data: string;
  readonly raw: string;
  readonly isError: boolean;
}

function read(chunks: readonly Buffer[], maxBytes = 1_000_000): ReadEvent[] {
  const reader = new EventReader(maxBytes);
  const events: ReadEvent[] = [];
  const take = (): void => {
    const { data, dataFrom, dataTo, bytes, from, to, isError } = reader;
    events.push({ data: data.toString("utf8", dataFrom, dataTo), raw: bytes.toString("utf8", from, to), isError });
  };
  for (const chunk of chunks) {
    reader.push(chunk);
    while (reader.next()) take();
  }
  if (reader.last()) take();
  return events;
}

const dataOf = (...texts: readonly string[]): string[] =>
  read(texts.map((text) => Buffer.from(text))).map(({ data }) => data);

test.each([
  ["\n", "\n"],
  ["\r\n", "\r\n"],
  ["\r", "\r"],
  ["\n", "\r\n"],
])("lines may end with %j and %j", (one, other) => {
  expect(dataOf(`data: a${one}${other}data: b${other}${one}`)).toEqual(["a", "b"]);
});

test("a space after the colon is left out, once, and may be missing", () => {
  expect(dataOf("data:a\n\ndata:  b\n\ndata\n\n")).toEqual(["a", " b", ""]);
});

test("comments, ids, types and unknown fields bring nothing, and events without data are none", () => {
  expect(dataOf(": keep-alive\n\nid: 1\nretry: 5\ndatum: x\nevent: chunk\ndata: a\n\nevent: b\n\n")).toEqual(["a"]);
});

test("several lines of data are one text, with a line feed between", () => {
  expect(dataOf("data: {\ndata:   1\ndata: }\n\n")).toEqual(["{\n  1\n}"]);
});

test("a byte order mark at the beginning is left out, and only there", () => {
  expect(dataOf("\uFEFFdata: a\n\n\uFEFFdata: b\n\ndata: c\n\n")).toEqual(["a", "c"]);
});

test("an event of the type error is marked, also when its type comes in another piece", () => {
  const events = read([Buffer.from("event: error\n"), Buffer.from("data: a\n\ndata: b\n\n")]);
  expect(events.map(({ isError }) => isError)).toEqual([true, false]);
});

test("at the end, an event without its blank line counts", () => {
  expect(dataOf("data: a\n\ndata: b")).toEqual(["a", "b"]);
  expect(dataOf("data: a\n\ndata: b\n")).toEqual(["a", "b"]);
  expect(dataOf("data: a\n\n: bye")).toEqual(["a"]);
});

test("an event larger than allowed is refused, whether it ends or not", () => {
  const event = Buffer.from(`data: ${"x".repeat(100)}\n\n`);
  expect(read([event], 110)).toHaveLength(1);
  expect(() => read([event], 100)).toThrow(expect.objectContaining({ code: "UPSTREAM_OVERSIZED" }));
  expect(() => read([event.subarray(0, 90)], 80)).toThrow(expect.objectContaining({ code: "UPSTREAM_OVERSIZED" }));
});

test("no byte of an event is lost where a carriage return and its line feed come apart", () => {
  const text = "id: 1\r\ndata: a\r\n\r\nevent: x\r\ndata: b\r\n\r\n";
  const bytes = [...Buffer.from(text)].map((byte) => Buffer.from([byte]));
  expect(
    read(bytes)
      .map(({ raw }) => raw)
      .join(""),
  ).toBe(text.slice(0, -1));
});

test("where the bytes are split changes nothing, and what was handed out is never written over", () => {
  const end = fc.constantFrom("\n", "\r", "\r\n");
  const line = fc.oneof(
    fc.tuple(
      fc.constantFrom("data: ", "data:", ": ", "event: ", "id: "),
      fc.constantFrom("a", "ä€😀", "error", "", "{}"),
    ),
    fc.tuple(fc.constant(""), fc.constant("")),
  );
  const text = fc.array(fc.tuple(line, end), { maxLength: 20 }).map((lines) => lines.flat(2).join(""));
  const stream = fc
    .tuple(fc.constantFrom("", "\uFEFF"), text, fc.constant("\n\ndata: z\n\n"))
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(stream, fc.array(fc.nat(40), { maxLength: 30 }), (written, sizes) => {
      const bytes = Buffer.from(written);
      const chunks: Buffer[] = [];
      let at = 0;
      for (const size of sizes) chunks.push(Buffer.from(bytes.subarray(at, (at += size))));
      chunks.push(Buffer.from(bytes.subarray(at)));
      const whole = read([bytes]).map(({ data, isError }) => ({ data, isError }));
      const reader = new EventReader(1_000_000);
      const kept: { readonly range: Buffer; readonly text: string }[] = [];
      const split = [];
      for (const chunk of chunks) {
        reader.push(chunk);
        while (reader.next()) {
          const range = reader.bytes.subarray(reader.from, reader.to);
          kept.push({ range, text: range.toString() });
          split.push({ data: reader.data.toString("utf8", reader.dataFrom, reader.dataTo), isError: reader.isError });
        }
      }
      expect(split).toEqual(whole);
      expect(kept.map(({ range }) => range.toString())).toEqual(kept.map(({ text: before }) => before));
      // What is passed on as it is means the same to whoever reads it.
      const again = read([Buffer.from(kept.map(({ text: before }) => before).join(""))]);
      expect(again.map(({ data }) => data)).toEqual(whole.map(({ data }) => data));
    }),
    { numRuns: 500 },
  );
});
