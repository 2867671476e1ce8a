const endOfHead = Buffer.from("\r\n\r\n");
const lineFeed = 10;

/** Reads one HTTP answer after the other from a connection, as cheaply as can be: the load must not be what is measured. */
export class AnswerParser {
  /** Whether a byte of the body has come. */
  hasBody = false;
  status = 0;
  /** Whether the server ends the connection after this answer. */
  closes = false;
  #head: Buffer | undefined;
  #isInBody = false;
  #isChunked = false;
  /** Bytes left of the body, or of the piece of a body in pieces. */
  #left = 0;
  #size = 0;
  #isLast = false;
  /** The packet before the last one, and that one: the end of a stream lies in them. */
  #before: Buffer | undefined;
  #latest: Buffer | undefined;

  /** Forgets the answer that was read. */
  reset(): void {
    this.hasBody = this.closes = this.#isInBody = this.#isChunked = this.#isLast = false;
    this.status = this.#left = this.#size = 0;
    this.#head = this.#before = this.#latest = undefined;
  }

  /** Takes bytes; true: the answer is whole. Throws what is no HTTP. */
  push(bytes: Buffer): boolean {
    this.#before = this.#latest;
    this.#latest = bytes;
    if (this.#isInBody) return this.#body(bytes, 0);
    const head = this.#head === undefined ? bytes : Buffer.concat([this.#head, bytes]);
    const end = head.indexOf(endOfHead);
    if (end === -1) {
      this.#head = head;
      return false;
    }
    this.#readHead(head.toString("latin1", 0, end).toLowerCase());
    this.#isInBody = true;
    return this.#body(head, end + endOfHead.length);
  }

  /** Whether a text stands at the end of the answer. */
  endsWith(text: string): boolean {
    const parts = [this.#before, this.#latest].filter((part) => part !== undefined);
    return Buffer.concat(parts).includes(text);
  }

  #readHead(head: string): void {
    this.status = Number(head.slice(9, 12));
    this.closes = head.includes("\r\nconnection: close");
    this.#isChunked = /\r\ntransfer-encoding: *chunked/.test(head);
    const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1];
    if (!this.#isChunked && length === undefined) throw new Error("The answer does not say how long it is");
    this.#left = this.#isChunked ? 0 : Number(length);
  }

  #body(bytes: Buffer, from: number): boolean {
    if (this.#isChunked) return this.#pieces(bytes, from);
    const came = bytes.length - from;
    if (came > 0) this.hasBody = true;
    this.#left -= came;
    return this.#left <= 0;
  }

  /** A piece is its size in hexadecimal, a line's end, so many bytes, a line's end; the last one has size 0. */
  #pieces(bytes: Buffer, from: number): boolean {
    let at = from;
    while (at < bytes.length) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, bytes.length - at);
        this.hasBody = true;
        this.#left -= taken;
        at += taken;
        continue;
      }
      const byte = bytes[at] ?? 0;
      at += 1;
      if (byte === lineFeed) {
        if (this.#isLast) return true;
        this.#isLast = this.#size === 0;
        this.#left = this.#isLast ? 0 : this.#size + 2;
        this.#size = 0;
      } else if (byte >= 48) {
        this.#size = this.#size * 16 + (byte <= 57 ? byte - 48 : (byte & 0xdf) - 55);
      }
    }
    return false;
  }
}
