import { createRandom, hashText } from "./random.ts";

/** Makes a vector of length 1: the same for the same text, and near for texts that share words. */
export function embedText(text: string, { length, seed }: { length: number; seed: number }): readonly number[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [text];
  const sum = Array.from({ length }, () => 0);
  for (const word of words) {
    const random = createRandom(hashText(`${seed} ${word}`));
    for (let index = 0; index < length; index += 1) sum[index] = (sum[index] ?? 0) + random() - 0.5;
  }
  const norm = Math.hypot(...sum);
  return sum.map((value) => value / norm);
}
