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
    const found = this.#stops.map((stop) => all.indexOf(stop)).filter((index) => index >= 0);
    if (found.length > 0) {
      this.#held = "";
      return { text: all.slice(0, Math.min(...found)), isStopped: true };
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

/** Length of the longest end of `text` that is a beginning, but not the whole, of one of `markers`. */
export function heldLength(text: string, markers: readonly string[]): number {
  const longest = Math.max(0, ...markers.map((marker) => Math.min(marker.length - 1, text.length)));
  for (let length = longest; length > 0; length -= 1) {
    const end = text.slice(text.length - length);
    if (markers.some((marker) => marker.length > length && marker.startsWith(end))) return length;
  }
  return 0;
}
