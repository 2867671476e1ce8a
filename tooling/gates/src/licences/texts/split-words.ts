/** Lines that name whose work it is, and differ in every copy of a licence; not lines that go on about copyright. */
const ownLine =
  /^[\s*#/>;|-]*(?:portions |modifications |original )?(?:copyright\b(?!\s+(?:notices?|holders?|owners?|statements?|laws?|licen[cs]es?|interests?|and|or|in|of|is|are|as|to)\b)|\(c\)|©|&copy;|all rights reserved\b|spdx-)/i;

/**
 * Splits a licence text into its words, without what differs from copy to copy: lines of copyright, case, quotes,
 * punctuation, marks of comments and of Markdown.
 */
export function splitWords(text: string): string[] {
  const lines = text
    .replaceAll(/<<[^>]*>>|<[^>\n]{1,60}>/g, " ")
    .split(/\r?\n/)
    .filter((line) => !ownLine.test(line));
  const plain = lines.join(" ").toLowerCase().replaceAll(/[’‘`]/g, "'").replaceAll("https:", "http:");
  const words = plain.match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.map((word) => sameWords.get(word) ?? word).filter((word) => word !== "");
}

/** Words that copies of one licence have in the place of each other. */
const sameWords: ReadonlyMap<string, string> = new Map([
  ["licence", "license"],
  ["authors", "author"],
  ["contributor", "author"],
  ["contributors", "author"],
  ["holder", "author"],
  ["holders", "author"],
  ["copyright", ""],
]);

/** Every three words that follow each other, in order: what texts are compared by. */
export function tripletsOf(words: readonly string[]): string[] {
  return words.slice(0, -2).map((word, index) => `${word} ${words[index + 1]} ${words[index + 2]}`);
}
