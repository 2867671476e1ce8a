/** In which way a name can be taken for another, the strongest first. */
export type Likeness = "the same to the eye" | "only a separator away" | "one letter away" | "two letters away";

/** Shorter names are a letter away from too many others. */
export const shortestForOneLetter = 5;
/** Shorter names are two letters away from too many others. */
export const shortestForTwoLetters = 10;

/** Says in which way two names can be taken for each other; undefined if in none. */
export function likenessOf(one: string, other: string): Likeness | undefined {
  if (one === other) return undefined;
  if (skeletonOf(one) === skeletonOf(other)) return "the same to the eye";
  if (withoutSeparators(one) === withoutSeparators(other)) return "only a separator away";
  // Numbers count things of one kind: int4 and int8, part-1 and part-2.
  const [left, right] = [collapseDigits(one), collapseDigits(other)];
  const length = Math.min(left.length, right.length);
  if (left === right || length < shortestForOneLetter) return undefined;
  const distance = distanceOf(left, right);
  if (distance <= 1) return "one letter away";
  // Who types a name seldom gets its first letter wrong, and other words of the same length are only two letters away.
  const isAlike = length >= shortestForTwoLetters && distance === 2 && left.at(0) === right.at(0);
  return isAlike ? "two letters away" : undefined;
}

/** Letters that look like others, and pairs that look like one. Names in capitals are old, or bait. */
const lookalikes: readonly (readonly [RegExp, string])[] = [
  [/[0\u03BF\u043E]/g, "o"],
  [/[1|\u0456\u0131]/g, "l"],
  [/\u0430/g, "a"],
  [/\u0435/g, "e"],
  [/\u0440/g, "p"],
  [/\u0441/g, "c"],
  [/\u0443/g, "y"],
  [/\u0445/g, "x"],
  [/rn/g, "m"],
  [/vv/g, "w"],
];

/** All digits as one, so that `int4` and `int8` are the same. */
export function collapseDigits(name: string): string {
  return name.replaceAll(/\d+/g, "0");
}

/** What of a name remains for the eye. */
export function skeletonOf(name: string): string {
  const plain = name.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
  return lookalikes.reduce((text, [pattern, letter]) => text.replaceAll(pattern, letter), plain);
}

/** A name without what is easily forgotten or changed: `@a/b-c` and `a-bc` are the same. */
export function withoutSeparators(name: string): string {
  return name.toLowerCase().replaceAll(/[@/._-]/g, "");
}

/** Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours; three stands for more than two. */
function distanceOf(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > 2) return 3;
  const rows = [Array.from({ length: other.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= one.length; row += 1) {
    const line = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const edits = [(line[column - 1] ?? 0) + 1, (rows[row - 1]?.[column] ?? 0) + 1];
      const substitution = one[row - 1] === other[column - 1] ? 0 : 1;
      line.push(Math.min(...edits, (rows[row - 1]?.[column - 1] ?? 0) + substitution, swap(rows, [row, column])));
    }
    rows.push(line);
  }
  return Math.min(3, rows.at(-1)?.at(-1) ?? 3);

  function swap(known: number[][], [row, column]: [number, number]): number {
    const isSwap = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
    return row > 1 && column > 1 && isSwap ? (known[row - 2]?.[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
  }
}
