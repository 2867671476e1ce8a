/** Reads a number from 1 to `most` from the command line; anything else is an Error that says so. */
export function readCount(text: string, most: number): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= most) return count;
  throw new Error(`${JSON.stringify(text)} is not a number from 1 to ${most}`);
}
