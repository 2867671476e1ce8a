import { expect, test } from "vitest";
import { AnswerParser } from "./answer-parser.ts";

const chunked =
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\ndata: 1\n\nab\r\n1F\r\n" +
  `${"x".repeat(31)}\r\ne\r\ndata: [DONE]\n\n\r\n0\r\n\r\n`;
const sized = "HTTP/1.1 429 Too Many Requests\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello";

test.each([
  ["in pieces", chunked, { status: 200, closes: false }],
  ["of a known length", sized, { status: 429, closes: true }],
])("an answer %s is whole at its last byte, wherever packets end", (_, text, expected) => {
  const bytes = Buffer.from(text);
  for (let cut = 1; cut < bytes.length; cut += 1) {
    const parser = new AnswerParser();
    expect([cut, parser.push(bytes.subarray(0, cut))]).toEqual([cut, false]);
    expect(parser.push(bytes.subarray(cut))).toBe(true);
    expect(parser).toMatchObject({ ...expected, hasBody: true });
  }
});

test("knows how a stream ended, also when two packets share the end", () => {
  const bytes = Buffer.from(chunked);
  const parser = new AnswerParser();
  const cut = bytes.indexOf("[DONE]") + 3;
  parser.push(bytes.subarray(0, cut));
  parser.push(bytes.subarray(cut));
  expect([parser.endsWith("[DONE]"), parser.endsWith("[GONE]")]).toEqual([true, false]);
});

test("is not at the body before a byte of it has come", () => {
  const parser = new AnswerParser();
  parser.push(Buffer.from("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"));
  expect(parser.hasBody).toBe(false);
});
