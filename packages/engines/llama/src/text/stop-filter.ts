/** What a {@link StopFilter} lets through. */
export interface Released {
  readonly text: string;
  /** Whether a stop text was met: nothing comes after `text`. */
  readonly isStopped: boolean;
}

/** Lets text through up to the first stop text; what may be the beginning of one waits until that is decided. */
export class StopFilter {
  readonly #stops: readonly string[];
  #held = "";

  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== "");
  }

  push(text: string): Released {
    const all = this.#held + text;
    const start = firstStop(all, this.#stops);
    if (start !== undefined) {
      this.#held = "";
      return { text: all.slice(0, start), isStopped: true };
    }
    const length = heldLength(all, this.#stops);
    this.#held = all.slice(all.length - length);
    return { text: all.slice(0, all.length - length), isStopped: false };
  }

  /** The rest, when the answer has ended otherwise. */
  flush(): string {
    const rest = this.#held;
    this.#held = "";
    return rest;
  }
}

/** Where the stop text begins that is complete first. */
function firstStop(text: string, stops: readonly string[]): number | undefined {
  const found = stops
    .map((stop) => ({ start: text.indexOf(stop), length: stop.length }))
    .filter(({ start }) => start >= 0)
    .toSorted((left, right) => left.start + left.length - right.start - right.length || left.start - right.start);
  return found[0]?.start;
}

/** Length of the longest end of `text` that is a beginning, but not the whole, of one of `markers`. */
export function heldLength(text: string, markers: readonly string[]): number {
  const longest = Math.max(0, ...markers.map((marker) => Math.min(marker.length - 1, text.length)));
  for (let length = longest; length > 0; length -= 1) {
    const end = text.slice(text.length - length);
    if (markers.some((marker) => marker.length > length && marker.startsWith(end))) return length;
  }
  return 0;
}
