/**
 * Collects what is kept of a piece of bytes. Nothing is copied where one range is kept, which is the rule: a client that
 * gets what the upstream sent.
 */
export class EditedBytes {
  readonly #parts: Buffer[] = [];
  #bytes: Buffer | undefined;
  #from = 0;
  #to = 0;

  /** Keeps a range. */
  keep(bytes: Buffer, from: number, to: number): void {
    if (from === to) return;
    if (bytes === this.#bytes && from === this.#to) {
      this.#to = to;
      return;
    }
    this.#close();
    this.#bytes = bytes;
    this.#from = from;
    this.#to = to;
  }

  /** Adds other bytes. */
  insert(bytes: Buffer): void {
    this.#close();
    this.#parts.push(bytes);
  }

  /** Returns what was collected, and begins anew; undefined: nothing. */
  take(): Buffer | undefined {
    this.#close();
    const [only] = this.#parts;
    const taken = this.#parts.length > 1 ? Buffer.concat(this.#parts) : only;
    this.#parts.length = 0;
    return taken;
  }

  #close(): void {
    if (this.#bytes === undefined) return;
    this.#parts.push(this.#bytes.subarray(this.#from, this.#to));
    this.#bytes = undefined;
  }
}
