const scale = 1_000_000_000;

/** An amount of money as a whole number of billionths: sums of those do not depend on their order. */
export function toBillionths(amount: number): number {
  return Math.round(amount * scale);
}

/** The amount that a whole number of billionths, as text, stands for. */
export function fromBillionths(billionths: string | number): number {
  return Number(billionths) / scale;
}
