/** Runs pieces of work one after the other, in the order in which they came. */
export type Queue = <T>(work: () => Promise<T>) => Promise<T>;

/** Makes a queue. Work that fails fails for its caller only. */
export function createQueue(): Queue {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
}
