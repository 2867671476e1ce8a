/** How fast a model's targets work requests off, as measured. */
export interface ServiceRate {
  /** A request was served: it held its place for so long. */
  add(served: { readonly tokens: number; readonly milliseconds: number }): void;
  /** Tokens of a request, in the mean. */
  meanTokens(): number;
  /** Milliseconds in which so many tokens are worked off in so many places; undefined: too little was measured. */
  timeFor(tokens: number, places: number): number | undefined;
}

const newest = 0.1;
const fewest = 5;
const firstGuess = 500;

/** Measures by means in which the latest request weighs most, so that they follow a change within some ten requests. */
export function createServiceRate(): ServiceRate {
  let count = 0;
  let tokens = firstGuess;
  let milliseconds = 0;
  return {
    add: (served) => {
      count += 1;
      const weight = Math.max(newest, 1 / count);
      tokens += weight * (served.tokens - tokens);
      milliseconds += weight * (Math.max(0, served.milliseconds) - milliseconds);
    },
    meanTokens: () => tokens,
    timeFor: (wanted, places) => {
      if (count < fewest || places === 0 || tokens === 0) return undefined;
      return ((wanted / tokens) * milliseconds) / places;
    },
  };
}
