import { openEvidenceFolder } from "./evidence-folder.ts";

/** The largest file whose text the pages carry; a larger one is verified when the folder is given to the page. */
const maximumCharacters = 4 * 1024 * 1024;

/**
 * The files that the pages verify by themselves, by path: all bundles, and what they sign as text. Tarballs, and other
 * bytes that no page could carry, are hashed when the evidence folder is given to the page.
 */
export function readVerifiable(path: string): Record<string, string> {
  const folder = openEvidenceFolder(path);
  const carried = folder.files.filter((file) => /\.(json|jsonl|md)$|^log\/checkpoint$/.test(file));
  const entries = carried.flatMap((file): [string, string][] => {
    const text = folder.text(file, "");
    return text === undefined || text.length > maximumCharacters || !isRoundTrip(text) ? [] : [[file, text]];
  });
  return Object.fromEntries(entries);
}

/** A byte that is not UTF-8 would become another one on its way into the page. */
function isRoundTrip(text: string): boolean {
  return !text.includes("\uFFFD");
}
