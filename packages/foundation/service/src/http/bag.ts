interface Place<T> {
  readonly item: T;
  index: number;
}

/** Holds what is open just now, in no order. */
export interface Bag<T> {
  readonly size: number;
  /** Puts an item in. The function that it returns takes it out, once, and says whether it was still there. */
  add(item: T): () => boolean;
  /** What is in it at this moment. */
  items(): readonly T[];
}

/**
 * Makes a bag for what comes and goes by the thousand. A `Set` would do, but for the garbage collector: a set that items come to
 * and go from is rebuilt again and again, and each of its former tables keeps the items of that moment, and all that hangs
 * on them, until the next full collection. That was every buffer of every stream.
 */
export function createBag<T>(): Bag<T> {
  const places: Place<T>[] = [];
  const take = (place: Place<T>): boolean => {
    if (places[place.index] !== place) return false;
    const last = places.pop();
    if (last === undefined || last === place) return true;
    places[place.index] = last;
    last.index = place.index;
    return true;
  };
  return {
    get size() {
      return places.length;
    },
    add: (item) => {
      const place = { item, index: places.length };
      places.push(place);
      return () => take(place);
    },
    items: () => places.map(({ item }) => item),
  };
}
