/** Hands values from whoever makes them to one reader, in order. */
export class EventQueue<Value> implements AsyncIterable<Value> {
  readonly #values: Value[] = [];
  #end: { readonly error: unknown } | "open" | "closed" = "open";
  #wake: (() => void) | undefined;

  push(value: Value): void {
    if (this.#end !== "open") return;
    this.#values.push(value);
    this.#wake?.();
  }

  /** No more values come. */
  close(): void {
    if (this.#end === "open") this.#end = "closed";
    this.#wake?.();
  }

  /** The reader gets this error after the values before. */
  fail(error: unknown): void {
    if (this.#end === "open") this.#end = { error };
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Value, void, undefined> {
    for (;;) {
      const value = this.#values.shift();
      if (value !== undefined) {
        yield value;
        continue;
      }
      if (typeof this.#end === "object") throw this.#end.error;
      if (this.#end === "closed") return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }
}
