import { knownLicences } from "./known-licences.ts";
import { splitWords, tripletsOf } from "./split-words.ts";

/** What a text was recognised as. */
export interface RecognisedText {
  /** SPDX identifiers of the licences that are in the text, ordered; empty when none is known. */
  licences: string[];
  /** Words that belong to none of them, lines of copyright not counted. */
  otherWords: number;
  /** Words by which the text takes back what a licence gives. */
  restriction?: string;
}

/** Share of a licence's words, three by three, that must be in a text; copies differ in names and a few words. */
const threshold = 0.85;

/** Share of a licence that another one explains as well, from which the text has only the other. */
const sameLicence = 0.6;

/**
 * Recognises licences by their words, first those that explain most of the text. Where one licence is a part of another,
 * such as BSD-2-Clause of BSD-3-Clause, the longer explains more; where a text is the shorter one, the longer lacks too
 * much.
 */
export function recogniseLicences(text: string): RecognisedText {
  const words = splitWords(text);
  const key = words.join(" ");
  const result = recognised.get(key) ?? recognise(words);
  recognised.set(key, result);
  return result;
}

/** Most packages have the same few texts; the key is the text's words, and this ends with the process. */
const recognised = new Map<string, RecognisedText>();

function recognise(words: readonly string[]): RecognisedText {
  const triplets = tripletsOf(words);
  const found = findLicences(triplets);
  const others = wordsOutside(words, triplets, new Set(found));
  const rest = others.join(" ");
  const restriction = findRestriction(rest);
  const { licences } = knownLicences();
  const names = new Set(found.flatMap((place) => licences[place]?.id ?? []));
  return {
    licences: [...names].map((id) => nameOf(id, rest)).toSorted(),
    otherWords: others.filter((word) => word !== gap).length,
    ...(restriction === undefined ? {} : { restriction }),
  };
}

/** The third clause of BSD names somebody, and so differs too much to be compared. */
function nameOf(id: string, rest: string): string {
  return id === "BSD-2-Clause" && /endorse or promote products/.test(rest) ? "BSD-3-Clause" : id;
}

/** Places of the licences that are in a text, in the order in which they explain it. */
function findLicences(triplets: readonly string[]): number[] {
  const { licences, core, whole } = knownLicences();
  const shared = new Map<number, string[]>();
  for (const triplet of new Set(triplets)) {
    for (const place of core.get(triplet) ?? []) {
      const known = shared.get(place);
      if (known === undefined) shared.set(place, [triplet]);
      else known.push(triplet);
    }
  }
  const candidates = [...shared]
    .map(([place, inText]) => ({ place, inText, size: licences[place]?.size ?? 0 }))
    .filter(({ inText, size }) => inText.length >= threshold * size)
    .map((candidate) => ({ ...candidate, score: 3 * candidate.inText.length - 2 * candidate.size }))
    .toSorted((a, b) => b.score - a.score || a.place - b.place);
  const found: number[] = [];
  for (const { place, inText } of candidates) {
    const isExplained = (triplet: string): boolean =>
      whole.get(triplet)?.some((other) => found.includes(other)) === true;
    if (inText.filter(isExplained).length < sameLicence * inText.length) found.push(place);
  }
  return found;
}

/** Stands between words that do not follow each other in the text. */
const gap = "|";

function wordsOutside(words: readonly string[], triplets: readonly string[], found: ReadonlySet<number>): string[] {
  const { whole } = knownLicences();
  const covered = new Set<number>();
  for (const [index, triplet] of triplets.entries()) {
    const isKnown = whole.get(triplet)?.some((place) => found.has(place)) === true;
    if (isKnown) for (const place of [index, index + 1, index + 2]) covered.add(place);
  }
  return words.flatMap((word, index) => {
    if (covered.has(index)) return [];
    return covered.has(index - 1) ? [gap, word] : [word];
  });
}

/** In words as {@link splitWords} gives them. */
const restrictions = [
  /\bcommons clause\b/,
  /\bnon ?commercial\b[^|]{0,80}/,
  /\bgood not evil\b/,
  /\b(?:personal|educational|academic|research|evaluation|internal|private) (?:use|purposes?) only\b/,
  /\b(?:only|solely) for (?:personal|educational|academic|research|evaluation|internal|private)\b[^|]{0,40}/,
  /\b(?:may|must|shall|can|do) not (?:be )?(?:sell|sold|resell|resold|offer(?:ed)?|provide[d]?)\b[^|]{0,80}/,
  /\b(?:may|must|shall|can) not be used (?:for|by|in(?! advertising)|to (?!endorse|promote))[^|]{0,80}/,
  /\bnot include the right to sell\b/,
];

function findRestriction(words: string): string | undefined {
  const found = restrictions.flatMap((pattern) => pattern.exec(words)?.[0] ?? []);
  return found[0]?.trim().slice(0, 120);
}
