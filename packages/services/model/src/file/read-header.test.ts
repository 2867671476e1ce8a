import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isHxpError } from "@hxp/errors";
import { makeGguf, makeSafetensors, text, uint32, uint64 } from "../../test/make-gguf.ts";
import { parseHeader, readHeader } from "./read-header.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "header-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const gguf = (...parts: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.from("GGUF"), uint32(3), uint64(0), ...parts]);

test("the facts of a GGUF header are read, however long its texts are", async () => {
  const file = join(folder, "x.gguf");
  writeFileSync(file, makeGguf({ contextLength: 4096, chatTemplate: "x".repeat(900_000), tail: 300_000 }));
  expect(await readHeader(file)).toEqual({
    format: "gguf",
    architecture: "llama",
    contextLength: 4096,
    hasChatTemplate: true,
  });
});

test("a safetensors header is read", () => {
  expect(parseHeader(makeSafetensors())).toEqual({ format: "safetensors", hasChatTemplate: false });
});

test("a header that is cut anywhere wants more bytes, and is a fault of the file in the end", async () => {
  const whole = makeGguf({ tail: 0 });
  for (let length = 0; length < whole.length; length += 1)
    expect(parseHeader(whole.subarray(0, length)), `${length}`).toBeUndefined();
  const file = join(folder, "cut.gguf");
  writeFileSync(file, whole.subarray(0, whole.length - 1));
  await expect(readHeader(file)).rejects.toMatchObject({ code: "MODEL_FILE_INVALID" });
});

test("counts and lengths that no model has are not believed", () => {
  const huge = 2 ** 50;
  const hostile = [
    gguf(uint64(huge)),
    gguf(uint64(1), uint64(huge)),
    gguf(uint64(1), text("k"), uint32(8), uint64(huge)),
    gguf(uint64(1), text("k"), uint32(9), uint32(4), uint64(huge)),
    gguf(uint64(1), text("k"), uint32(9), uint32(9), uint64(1)),
    gguf(uint64(1), text("k"), uint32(77)),
    Buffer.concat([Buffer.from("GGUF"), uint32(99), Buffer.alloc(100)]),
    Buffer.concat([uint64(12), Buffer.from('{"a":{"b":1}')]),
    Buffer.concat([uint64(14), Buffer.from('{"a":{"dtype"}')]),
  ];
  for (const bytes of hostile)
    expect(() => parseHeader(bytes)).toThrow(expect.objectContaining({ code: "MODEL_FILE_INVALID" }));
});

test("no change of a byte makes the reader fail with anything but its own errors", () => {
  const whole = makeGguf({ tail: 0 });
  for (let index = 0; index < whole.length; index += 1) {
    for (const value of [0, 0x7f, 0xff]) {
      const bytes = Buffer.from(whole);
      bytes[index] = value;
      try {
        parseHeader(bytes);
      } catch (error) {
        expect(isHxpError(error), `byte ${index} as ${value}: ${String(error)}`).toBe(true);
      }
    }
  }
});
