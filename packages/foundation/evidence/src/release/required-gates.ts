/** The gates that every release must be judged by. A rehearsal may leave some out; what does is never silent about it. */
export const requiredGates = [
  "contents",
  "api",
  "licences",
  "advisories",
  "signatures",
  "conflicts",
  "docs",
  "rebuild",
  "compatibility",
] as const;

/** Which of the required gates are not among some, in their own order. */
export function findNotJudged(judged: Iterable<string>): string[] {
  const names = new Set(judged);
  return requiredGates.filter((gate) => !names.has(gate));
}
