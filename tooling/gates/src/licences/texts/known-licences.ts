import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { compareText } from "../../text/compare-text.ts";
import { splitWords, tripletsOf } from "./split-words.ts";

/** A licence by its text. */
interface KnownLicence {
  /** SPDX identifier; for the GNU family without `-only` or `-or-later`, which the text does not say. */
  id: string;
  /** How many of its triplets must be in a text of this licence. */
  size: number;
}

/** The licences of {@link knownLicences}, by their triplets. */
export interface KnownLicences {
  licences: readonly KnownLicence[];
  /** Places in `licences`, by triplet. */
  core: ReadonlyMap<string, readonly number[]>;
  /** As `core`, with what may be there as well: instructions for applying a licence, behind its end. */
  whole: ReadonlyMap<string, readonly number[]>;
}

let known: KnownLicences | undefined;

/** The licences whose texts this package carries (`licence-texts/`, from the SPDX licence list), ordered by id. */
export function knownLicences(): KnownLicences {
  known ??= readLicences();
  return known;
}

function readLicences(): KnownLicences {
  const manifest = createRequire(import.meta.url).resolve("@hxp/release-gates/package.json");
  const folder = join(dirname(manifest), "licence-texts");
  const texts = readdirSync(folder)
    .toSorted(compareText)
    .map((file) => ({ id: file.replace(/(?:\.header)?\.txt$/, ""), text: readFileSync(join(folder, file), "utf8") }));
  const cores = texts.map(({ text }) => toTriplets(text.slice(0, /end of terms and conditions/i.exec(text)?.index)));
  return {
    licences: texts.map(({ id }, place) => ({ id, size: cores[place]?.size ?? 0 })),
    core: toIndex(cores),
    whole: toIndex(texts.map(({ text }) => toTriplets(text))),
  };
}

function toTriplets(text: string): Set<string> {
  return new Set(tripletsOf(splitWords(text)));
}

function toIndex(sets: readonly ReadonlySet<string>[]): Map<string, number[]> {
  const index = new Map<string, number[]>();
  for (const [place, set] of sets.entries()) {
    for (const triplet of set) {
      const places = index.get(triplet);
      if (places === undefined) index.set(triplet, [place]);
      else places.push(place);
    }
  }
  return index;
}
