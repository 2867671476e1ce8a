/** What a request holds while it is generated. */
export interface Place {
  /** Gives the sequence and the cache back, once; later calls change nothing. */
  release(): void;
}

/** How many requests are generated at once, and how large they may be together. */
export interface Capacity {
  readonly sequences: number;
  /** Tokens that the cache of keys and values holds. */
  readonly cacheTokens: number;
}

interface Waiter {
  readonly tokens: number;
  readonly grant: (place: Place | undefined) => void;
}

/** Gives places to requests in the order in which they came. */
export class Scheduler {
  #running = 0;
  #reserved = 0;
  #queue: Waiter[] = [];
  readonly #capacity: Capacity;

  constructor(capacity: Capacity) {
    this.#capacity = capacity;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** Waits for a sequence and room for `tokens`. Undefined: `signal` was aborted first. */
  acquire(tokens: number, signal: AbortSignal): Promise<Place | undefined> {
    if (signal.aborted) return Promise.resolve(undefined);
    const { promise, resolve } = Promise.withResolvers<Place | undefined>();
    const waiter: Waiter = { tokens, grant: resolve };
    const leave = (): void => {
      this.#queue = this.#queue.filter((each) => each !== waiter);
      resolve(undefined);
      // Whoever left may have been too large and have held up those behind it.
      this.#admit();
    };
    signal.addEventListener("abort", leave, { once: true });
    this.#queue.push(waiter);
    this.#admit();
    return promise.finally(() => signal.removeEventListener("abort", leave));
  }

  #admit(): void {
    for (;;) {
      const [first] = this.#queue;
      if (first === undefined || !this.#fits(first)) return;
      this.#queue.shift();
      first.grant(this.#take(first.tokens));
    }
  }

  #fits({ tokens }: Waiter): boolean {
    const { sequences, cacheTokens } = this.#capacity;
    return this.#running < sequences && this.#reserved + tokens <= cacheTokens;
  }

  #take(tokens: number): Place {
    this.#running += 1;
    this.#reserved += tokens;
    let held = true;
    const release = (): void => {
      if (!held) return;
      held = false;
      this.#running -= 1;
      this.#reserved -= tokens;
      this.#admit();
    };
    return { release };
  }
}
