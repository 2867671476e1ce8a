import type { LicenceText, RecognisedFile } from "./licence-fact.ts";
import type { LicenceStatement } from "./licence-statement.ts";
import { recogniseLicences } from "./texts/recognise-licences.ts";

/** Words beside a known licence that a text may have and still be that licence: a title, a name; no condition is so short. */
const maximumOtherWords = 4;

/** Recognises the licence texts of a package; notices, lists of what is bundled, and code are none. */
export function recogniseTexts(texts: readonly LicenceText[]): RecognisedFile[] {
  return texts
    .filter(({ file }) => /licen[cs]e|copying/i.test(file) && !/third|3rd|bundled|notice/i.test(file))
    .filter(({ file }) => !/\.(?:[cm]?[jt]sx?|json|html?|map)$/i.test(file))
    .map(({ file, text }) => ({ file, ...recogniseLicences(text) }));
}

/** The licence of a package by its texts alone: all of them, each whole. Undefined where one is not known, or says more. */
export function statementOfTexts(recognised: readonly RecognisedFile[]): LicenceStatement | undefined {
  const isWhole = recognised.every(
    ({ licences, otherWords, restriction }) =>
      licences.length > 0 && otherWords <= maximumOtherWords && restriction === undefined,
  );
  if (recognised.length === 0 || !isWhole) return undefined;
  const licences = new Set(recognised.flatMap((text) => text.licences));
  return { kind: "expression", expression: [...licences].toSorted().join(" AND ") };
}
