import {
  collapseDigits,
  type Likeness,
  likenessOf,
  shortestForOneLetter,
  shortestForTwoLetters,
  skeletonOf,
  withoutSeparators,
} from "./name-likeness.ts";

/** Finds names that are alike without comparing each with each. */
export interface NameIndex {
  /** Names that can be taken for this one, in which way. */
  find(name: string): { other: string; likeness: Likeness }[];
}

/** Indexes names; `twoLetters` also finds what is two letters away, for names that are few. */
export function indexNames(names: Iterable<string>, { twoLetters = false } = {}): NameIndex {
  const index = new Map<string, Set<string>>();
  const add = (key: string, name: string): void => void index.set(key, (index.get(key) ?? new Set()).add(name));
  const counted = new Set<string>();
  for (const name of names) {
    for (const key of exactKeys(name)) add(key, name);
    // Of names that differ in numbers only, one stands for all.
    const letters = collapseDigits(name);
    if (counted.has(letters)) continue;
    counted.add(letters);
    for (const key of letterKeys(letters)) add(key, name);
    if (twoLetters) for (const part of partsOf(letters)) add(`2${part}`, name);
  }
  return {
    find: (name) => {
      const letters = collapseDigits(name);
      const keys = [...exactKeys(name), ...letterKeys(letters), ...(twoLetters ? possiblePartsOf(letters) : [])];
      const candidates = new Set(keys.flatMap((key) => [...(index.get(key) ?? [])]));
      return [...candidates].flatMap((other) => {
        const likeness = likenessOf(name, other);
        return likeness === undefined ? [] : [{ other, likeness }];
      });
    },
  };
}

function exactKeys(name: string): string[] {
  return [`=${skeletonOf(name)}`, `-${withoutSeparators(name)}`];
}

/** Two names that are a letter apart have in common what is left of both when one letter is taken out. */
function letterKeys(name: string): string[] {
  if (name.length < shortestForOneLetter) return [];
  const deletions = Array.from(name, (_letter, index) => name.slice(0, index) + name.slice(index + 1));
  return [name, ...deletions].map((text) => `1${text}`);
}

/** Two edits leave one of three parts as it is, and move it by at most two places. */
function partsOf(name: string): string[] {
  const third = Math.floor(name.length / 3);
  return name.length < shortestForTwoLetters ? [] : [0, third, 2 * third].map((at) => name.slice(at, at + third));
}

function possiblePartsOf(name: string): string[] {
  if (name.length < shortestForTwoLetters) return [];
  const thirds = new Set([-2, -1, 0, 1, 2].map((difference) => Math.floor((name.length + difference) / 3)));
  return [...thirds].flatMap((third) => Array.from(name, (_letter, at) => `2${name.slice(at, at + third)}`));
}
