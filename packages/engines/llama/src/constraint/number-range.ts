import { literal } from "./grammar-rules.ts";

/** Bounds of a number, both included; undefined: none. */
export interface Range {
  readonly least: number | undefined;
  readonly most: number | undefined;
}

const mostDigits = 15;
const largest = 10 ** mostDigits - 1;
const fraction = `"." [0-9]{0,5} [1-9]`;

/** A grammar of the integers in a range; undefined when there are none. */
export function integerRange({ least, most }: Range): string | undefined {
  const low = Math.ceil(Math.max(least ?? -largest, -largest));
  const high = Math.floor(Math.min(most ?? largest, largest));
  if (low > high) return undefined;
  const parts: string[] = [];
  if (low < 0) parts.push(`"-" ( ${naturals(Math.max(1, -high), -low)} )`);
  if (high >= 0) parts.push(naturals(Math.max(0, low), high));
  return parts.join(" | ");
}

/**
 * A grammar of numbers in a range: its integers, and what lies strictly between two of them, as decimals. Undefined when there is
 * neither. `least` and `most` may be excluded; what is between is never a bound.
 */
export function numberRange(range: Range, excluded: { least: boolean; most: boolean }): string | undefined {
  const whole = integerRange(excludeBounds(range, excluded));
  const low = Math.max(Math.ceil(range.least ?? -largest), -largest);
  const high = Math.min(Math.floor(range.most ?? largest), largest);
  const decimals = [
    { sign: "", from: Math.max(0, low), to: high - 1 },
    { sign: `"-" `, from: Math.max(0, -high), to: -low - 1 },
  ]
    .filter(({ from, to }) => from <= to)
    .map(({ sign, from, to }) => `${sign}( ${naturals(from, to)} ) ${fraction}`);
  const parts = whole === undefined ? decimals : [whole, ...decimals];
  return parts.length === 0 ? undefined : parts.join(" | ");
}

/** The range of the integers in a range whose bounds may be excluded. */
export function excludeBounds({ least, most }: Range, excluded: { least: boolean; most: boolean }): Range {
  return {
    least: least !== undefined && excluded.least ? Math.floor(least) + 1 : least,
    most: most !== undefined && excluded.most ? Math.ceil(most) - 1 : most,
  };
}

/** Natural numbers from `low` to `high`, one alternative for each length of digits. */
function naturals(low: number, high: number): string {
  const parts: string[] = [];
  for (let digits = String(low).length; digits <= String(high).length; digits += 1) {
    const from = Math.max(low, digits === 1 ? 0 : 10 ** (digits - 1));
    const to = Math.min(high, 10 ** digits - 1);
    parts.push(sameLength(String(from), String(to)));
  }
  return parts.join(" | ");
}

/** Numbers from `low` to `high`, which have the same number of digits. */
function sameLength(low: string, high: string): string {
  if (low === high) return literal(low);
  const rest = low.length - 1;
  if (rest === 0) return digit(low, high);
  const [first = "", last = ""] = [low[0], high[0]];
  if (first === last) return `${literal(first)} ( ${sameLength(low.slice(1), high.slice(1))} )`;
  const isLowest = low.slice(1) === "0".repeat(rest);
  const isHighest = high.slice(1) === "9".repeat(rest);
  const from = isLowest ? first : String(Number(first) + 1);
  const to = isHighest ? last : String(Number(last) - 1);
  return [
    isLowest ? undefined : `${literal(first)} ( ${sameLength(low.slice(1), "9".repeat(rest))} )`,
    from <= to ? `${digit(from, to)} [0-9]{${rest}}` : undefined,
    isHighest ? undefined : `${literal(last)} ( ${sameLength("0".repeat(rest), high.slice(1))} )`,
  ]
    .filter((part) => part !== undefined)
    .join(" | ");
}

function digit(low: string, high: string): string {
  return low === high ? literal(low) : `[${low}-${high}]`;
}
