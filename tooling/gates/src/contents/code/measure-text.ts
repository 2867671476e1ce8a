import type { ShapeSighting } from "./find-shapes.ts";

/** Bits per byte from which a part of a program is compressed or encoded: people and bundlers write less than 5.5. */
const packedEntropy = 5.9;
/** Bytes of the part that is measured. */
const windowBytes = 4096;
/** Characters from which a line is longer than a person or an unminified bundle writes. */
const longLine = 1000;
/** Bytes below which code is too short to be judged by its lines. */
const minimumBytes = 4096;

/** Shannon entropy of bytes, in bits for each. */
export function measureEntropy(bytes: Uint8Array): number {
  const counts = new Uint32Array(256);
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1;
  return counts.reduce((sum, count) => {
    if (count === 0) return sum;
    const share = count / bytes.length;
    return sum - share * Math.log2(share);
  }, 0);
}

/** Finds what can be told of code by its text alone: long lines, and parts that are packed. */
export function measureCode(bytes: Buffer): ShapeSighting[] {
  if (bytes.length < minimumBytes) return [];
  return [...findLongLines(bytes.toString("utf8")), ...findPacked(bytes)];
}

function findLongLines(text: string): ShapeSighting[] {
  // A source map inside the code is data for a debugger.
  const lines = text.split("\n").filter((line) => !/^\/[/*]# sourceMappingURL=data:/.test(line));
  const total = lines.reduce((sum, line) => sum + line.length, 0);
  const long = lines.filter((line) => line.length > longLine).reduce((sum, line) => sum + line.length, 0);
  if (long * 2 <= total) return [];
  const line = lines.findIndex((candidate) => candidate.length > longLine) + 1;
  const share = Math.round((long / total) * 100);
  return [
    { shape: "minified", evidence: `${share} % of its text is in lines of more than ${longLine} characters`, line },
  ];
}

/** Letters of other alphabets have a high entropy too, so a part of them is not measured. */
function findPacked(bytes: Buffer): ShapeSighting[] {
  for (let start = 0; start + windowBytes <= bytes.length; start += windowBytes / 2) {
    const part = bytes.subarray(start, start + windowBytes);
    if (part.some((byte) => byte > 126)) continue;
    const entropy = measureEntropy(part);
    if (entropy < packedEntropy) continue;
    const line = bytes.subarray(0, start).toString("latin1").split("\n").length;
    return [{ shape: "packed", evidence: `${entropy.toFixed(2)} bits a byte, as in encoded or compressed data`, line }];
  }
  return [];
}

/** Turns text around, or is a tag that no editor shows: nothing that a program or a document needs. */
const deceptive = /[\u202A-\u202E\u2066-\u2069\u{E0000}-\u{E01EF}]/u;
/** Not shown either, but part of emoji and of scripts that people write in documents. */
const invisible = /[\u200B-\u200F\u2060-\u2064\uFEFF]|\p{Variation_Selector}/u;
const afterEmoji = /(?<=\p{Extended_Pictographic}|\p{Emoji_Component})(?:\u200D|\uFE0F)/gu;

/** Finds characters that nobody sees: in code any, in other texts those that deceive. */
export function findInvisible(text: string, isCode: boolean): ShapeSighting[] {
  const plain = text.replace(/^\uFEFF/, "");
  const seen = isCode ? plain.replaceAll(afterEmoji, "") : plain;
  const match = deceptive.exec(seen) ?? (isCode ? invisible.exec(seen) : null);
  if (match === null) return [];
  const point = match[0].codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0") ?? "";
  const line = seen.slice(0, match.index).split("\n").length;
  return [{ shape: "invisible", evidence: `the invisible character U+${point}`, line }];
}
