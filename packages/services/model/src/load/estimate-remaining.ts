/** Tells how many milliseconds something will still take, of the share that is done; undefined while too little is done to say. */
export function createEstimate(clock: () => number = Date.now): (share: number) => number | undefined {
  const began = clock();
  return (share) => {
    if (share < 0.02) return undefined;
    return Math.round(((clock() - began) * (1 - Math.min(1, share))) / share);
  };
}
