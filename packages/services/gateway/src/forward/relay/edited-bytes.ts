/**
 * Collects what is kept of bytes that have come. Nothing is copied where one range is kept, which is the rule: a client
 * that gets what the upstream sent. Else all that is kept is copied once.
 */
export class EditedBytes {
  readonly #sources: Buffer[] = [];
  /** Beginning and end of each source. */
  readonly #ranges: number[] = [];
  #length = 0;

  /** Keeps a range. */
  keep(bytes: Buffer, from: number, to: number): void {
    if (from === to) return;
    this.#length += to - from;
    const last = this.#ranges.length - 1;
    if (this.#ranges[last] === from && this.#sources.at(-1) === bytes) {
      this.#ranges[last] = to;
      return;
    }
    this.#sources.push(bytes);
    this.#ranges.push(from, to);
  }

  /** Adds other bytes. */
  insert(bytes: Buffer): void {
    this.keep(bytes, 0, bytes.length);
  }

  /** Returns what was collected, and begins anew; undefined: nothing. */
  take(): Buffer | undefined {
    const [first] = this.#sources;
    if (first === undefined) return undefined;
    const taken = this.#sources.length === 1 ? first.subarray(this.#ranges[0], this.#ranges[1]) : this.#copy();
    this.#sources.length = this.#ranges.length = this.#length = 0;
    return taken;
  }

  #copy(): Buffer {
    const copied = Buffer.allocUnsafe(this.#length);
    let at = 0;
    for (const [index, source] of this.#sources.entries()) {
      at += source.copy(copied, at, this.#ranges[2 * index], this.#ranges[2 * index + 1]);
    }
    return copied;
  }
}
