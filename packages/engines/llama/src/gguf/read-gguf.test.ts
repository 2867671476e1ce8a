import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isHxpError } from "@hxp/errors";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chatMl, createRandom, tinyModel } from "../../test/tiny-model.ts";
import { type Entry, writeGguf } from "../../test/write-gguf.ts";
import { loadAddon } from "../addon/load-addon.ts";
import { readShape } from "./model-shape.ts";
import { readGguf } from "./read-gguf.ts";
import { tensorTypes } from "./tensor-types.ts";

const narrow = { width: 8, heads: 2, kvHeads: 1, feedForward: 8 };
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hxp-gguf-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function fileOf(bytes: Uint8Array): Promise<string> {
  const file = join(folder, "model.gguf");
  await writeFile(file, bytes);
  return file;
}

test("the shape of a model is read from its head", async () => {
  const file = await fileOf(tinyModel({ words: 10 }));
  const shape = readShape(await readGguf(file), file);
  expect(shape).toMatchObject({
    architecture: "llama",
    layers: 2,
    heads: 4,
    kvHeads: [2, 2],
    keyLength: 16,
    valueLength: 16,
    embeddingLength: 64,
    feedForwardLength: 128,
    vocabularySize: 3 + 256 + 10,
    contextLength: 2048,
    isCausal: true,
    hasPooling: false,
    chatTemplate: chatMl,
  });
  expect(shape.tensors).toContainEqual(
    expect.objectContaining({ name: "blk.0.ffn_up.weight", type: "F32", bytes: 4 * 64 * 128 }),
  );
});

test("a head that is longer than the first window is read whole", async () => {
  const file = await fileOf(tinyModel({ ...narrow, words: 100_000 }));
  expect(readShape(await readGguf(file), file).vocabularySize).toBe(3 + 256 + 100_000);
});

test("heads that differ from layer to layer are read one by one", async () => {
  const file = await fileOf(tinyModel({ metadata: { "llama.attention.head_count_kv": ["i32s", [4, 1]] } }));
  expect(readShape(await readGguf(file), file).kvHeads).toEqual([4, 1]);
});

describe("a file that is not a model is refused with the offset and what was expected", () => {
  const whole = tinyModel();
  const changed = (offset: number, bytes: readonly number[]): Buffer => {
    const copy = Buffer.from(whole);
    copy.set(bytes, offset);
    return copy;
  };
  test.each<[title: string, bytes: Buffer, found: RegExp]>([
    ["another format", Buffer.from("PK\u0003\u0004 something else"), /at byte 0: the file does not begin with GGUF/],
    ["an empty file", Buffer.alloc(0), /at byte 0: it ends before its head does/],
    ["another version", changed(4, [9]), /at byte 4: version 9, expected 2 or 3/],
    ["too many tensors", changed(8, [0, 0, 0, 1]), /at byte 8: 16777216 tensors, expected at most 65536/],
    [
      "a number beyond 2^53",
      changed(16, [255, 255, 255, 255, 255, 255, 255, 255]),
      /at byte 16: the number 1844\d+ is too large/,
    ],
    ["a key that never ends", changed(24, [0, 0, 0, 255]), /at byte 24: a text of \d+ bytes, expected at most 65536/],
    [
      "a file that is cut off in the weights",
      whole.subarray(0, whole.length - 100),
      /ends at byte \d+ of \d+: the file is cut off/,
    ],
    ["a file that is cut off in the head", whole.subarray(0, 300), /at byte 300: it ends before its head does/],
  ])("%s", async (_, bytes, found) => {
    const file = await fileOf(bytes);
    const error = await readGguf(file).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "MODEL_FILE_INVALID", message: expect.stringMatching(found) as string });
    expect(String(error)).toContain(file);
  });

  test.each<[title: string, metadata: Record<string, Entry>, found: RegExp]>([
    ["without an architecture", {}, /lacks general.architecture/],
    [
      "without layers",
      { "general.architecture": ["string", "llama"] },
      /undefined for llama.block_count, expected a positive integer/,
    ],
    [
      "which is a part of several",
      { "general.architecture": ["string", "llama"], "split.count": ["u32", 3] },
      /one part of several/,
    ],
  ])("one %s", async (_, metadata, found) => {
    const file = await fileOf(writeGguf(metadata, []));
    await expect(readGguf(file).then((header) => readShape(header, file))).rejects.toThrow(found);
  });
});

test("a file that is not there is FILE_UNREADABLE", async () => {
  await expect(readGguf(join(folder, "missing.gguf"))).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
  await expect(readGguf(folder)).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
});

test("damaged bytes give a model or MODEL_FILE_INVALID, never anything else", async () => {
  const whole = tinyModel(narrow);
  const random = createRandom(1);
  const head = 8000;
  for (let round = 0; round < 300; round += 1) {
    const copy = Buffer.from(whole.subarray(0, random() < 0.3 ? Math.floor(random() * head) : whole.length));
    for (let change = 0; change < 4; change += 1)
      copy[Math.floor(random() * Math.min(head, copy.length))] = Math.floor(random() * 256);
    const file = await fileOf(copy);
    const outcome = await readGguf(file).then(
      (header) => readShapeOr(header, file),
      (error: unknown) => error,
    );
    const isExpected = outcome === "read" || isHxpError(outcome, "MODEL_FILE_INVALID");
    expect(isExpected, String(outcome)).toBe(true);
  }
});

function readShapeOr(header: Awaited<ReturnType<typeof readGguf>>, file: string): unknown {
  try {
    readShape(header, file);
    return "read";
  } catch (error) {
    return error;
  }
}

test("sizes of kinds of weights are those of llama.cpp", async () => {
  const addon = (await loadAddon("cpu", { onLog: () => {} })) as unknown as Record<
    "getBlockSizeForGgmlType" | "getTypeSizeForGgmlType",
    (type: number) => number | undefined
  >;
  for (const [id, { name, block, bytes }] of tensorTypes) {
    const found = [addon.getBlockSizeForGgmlType(id), addon.getTypeSizeForGgmlType(id)];
    expect(found, name).toEqual([block, bytes]);
  }
});
