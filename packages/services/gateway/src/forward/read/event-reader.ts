import { HxpError } from "@hxp/errors";

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const colon = 0x3a;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);
const data = Buffer.from("data");
const event = Buffer.from("event");
const newline = Buffer.from("\n");
const empty = Buffer.alloc(0);

/**
 * Reads server-sent events out of bytes that come in pieces of any size, by the rules of the HTML standard. It copies
 * nothing while events arrive whole: after {@link EventReader.next} its fields say where in `bytes` the event lies.
 */
export class EventReader {
  /** The bytes that `from` and `to` refer to; valid until the next push. */
  bytes: Buffer = empty;
  /** The event with its closing blank line. */
  from = 0;
  to = 0;
  /** The bytes that `dataFrom` and `dataTo` refer to: `bytes`, or a copy where the data has several lines. */
  data: Buffer = empty;
  dataFrom = 0;
  dataTo = 0;
  /** Whether the event's type is `error`. */
  isError = false;

  readonly #maxBytes: number;
  #end = 0;
  #lineFrom = 0;
  /** Where to look on for the end of the line. */
  #searchFrom = 0;
  /** Position of the next carriage return; -1: none in these bytes. */
  #nextReturn = -1;
  #owned = false;
  #begun = false;
  /** The last line ended with a carriage return; a line feed after it belongs to that end. */
  #skipLineFeed = false;
  /** Beginnings and ends of data lines, relative to `from`. */
  readonly #lines: number[] = [];

  /** `maxBytes`: of one event. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Takes more bytes. All events of the bytes before must have been read. */
  push(chunk: Buffer): void {
    const rest = this.#end - this.from;
    if (rest === 0) this.#replace(chunk);
    else this.#append(chunk, rest);
    this.#nextReturn = this.#indexOf(carriageReturn, this.#searchFrom);
  }

  /** Goes to the next whole event that has data. Throws UPSTREAM_OVERSIZED. */
  next(): boolean {
    if (this.to > this.from) {
      this.from = this.to;
      this.isError = false;
    }
    if (!this.#begun && !this.#begin()) return false;
    while (this.#nextLine()) {
      if (this.to > this.from) return true;
    }
    if (this.#end - this.from > this.#maxBytes) throw this.#oversized();
    return false;
  }

  /** At the end of the stream: takes what came after the last blank line as an event, for servers that forget it. */
  last(): boolean {
    if (this.#end === this.from) return false;
    this.push(Buffer.from("\n\n"));
    return this.next();
  }

  #replace(chunk: Buffer): void {
    this.bytes = chunk;
    this.#owned = false;
    this.#end = chunk.length;
    this.from = this.to = this.#lineFrom = this.#searchFrom = 0;
  }

  /** Bytes that were handed out are never written over: they may still be on their way to the client. */
  #append(chunk: Buffer, rest: number): void {
    if (!this.#owned || this.bytes.length - this.#end < chunk.length) {
      const grown = Buffer.allocUnsafe(Math.max(1024, 2 * (rest + chunk.length)));
      this.bytes.copy(grown, 0, this.from, this.#end);
      this.#lineFrom -= this.from;
      this.#searchFrom -= this.from;
      this.bytes = grown;
      this.#owned = true;
      this.from = this.to = 0;
      this.#end = rest;
    }
    chunk.copy(this.bytes, this.#end);
    this.#end += chunk.length;
  }

  #begin(): boolean {
    const length = Math.min(this.#end - this.from, byteOrderMark.length);
    if (byteOrderMark.compare(this.bytes, this.from, this.from + length, 0, length) === 0) {
      if (length < byteOrderMark.length) return false;
      this.from = this.to = this.#lineFrom = this.#searchFrom = this.from + length;
    }
    this.#begun = true;
    return true;
  }

  /** Reads one line; false: its end has not come yet. */
  #nextLine(): boolean {
    if (this.#skipLineFeed && this.#lineFrom < this.#end) this.#passLineFeed();
    const lineTo = this.#lineEnd();
    if (lineTo === -1) return false;
    const lineFrom = this.#lineFrom;
    this.#lineFrom = this.#searchFrom = this.#afterEnd(lineTo);
    if (lineTo === lineFrom) this.#dispatch();
    else this.#field(lineFrom, lineTo);
    return true;
  }

  #passLineFeed(): void {
    this.#skipLineFeed = false;
    if (this.bytes[this.#lineFrom] === lineFeed) this.#lineFrom = this.#searchFrom = this.#lineFrom + 1;
  }

  #lineEnd(): number {
    const feed = this.#indexOf(lineFeed, this.#searchFrom);
    if (this.#nextReturn !== -1 && this.#nextReturn < this.#searchFrom) {
      this.#nextReturn = this.#indexOf(carriageReturn, this.#searchFrom);
    }
    if (feed === -1 && this.#nextReturn === -1) this.#searchFrom = this.#end;
    if (this.#nextReturn === -1) return feed;
    return feed === -1 ? this.#nextReturn : Math.min(feed, this.#nextReturn);
  }

  #afterEnd(lineTo: number): number {
    if (this.bytes[lineTo] === lineFeed) return lineTo + 1;
    if (lineTo + 1 < this.#end) return this.bytes[lineTo + 1] === lineFeed ? lineTo + 2 : lineTo + 1;
    this.#skipLineFeed = true;
    return lineTo + 1;
  }

  #indexOf(byte: number, from: number): number {
    const found = this.bytes.indexOf(byte, from);
    return found < this.#end ? found : -1;
  }

  #field(lineFrom: number, lineTo: number): void {
    if (this.#nameIs(data, lineFrom, lineTo)) {
      this.#lines.push(this.#valueFrom(lineFrom + data.length, lineTo) - this.from, lineTo - this.from);
    } else if (this.#nameIs(event, lineFrom, lineTo)) {
      const valueFrom = this.#valueFrom(lineFrom + event.length, lineTo);
      this.isError = this.bytes.toString("latin1", valueFrom, lineTo) === "error";
    }
  }

  #nameIs(name: Buffer, lineFrom: number, lineTo: number): boolean {
    const end = lineFrom + name.length;
    if (end > lineTo || (end < lineTo && this.bytes[end] !== colon)) return false;
    for (let index = 0; index < name.length; index++) {
      if (this.bytes[lineFrom + index] !== name[index]) return false;
    }
    return true;
  }

  #valueFrom(afterName: number, lineTo: number): number {
    if (afterName === lineTo) return lineTo;
    return afterName + 1 < lineTo && this.bytes[afterName + 1] === space ? afterName + 2 : afterName + 1;
  }

  /** A blank line ends an event, if it has data. */
  #dispatch(): void {
    const lines = this.#lines;
    if (lines.length === 0) {
      this.from = this.to = this.#lineFrom;
      this.isError = false;
      return;
    }
    this.to = this.#lineFrom;
    if (this.to - this.from > this.#maxBytes) throw this.#oversized();
    if (lines.length === 2) {
      this.data = this.bytes;
      this.dataFrom = this.from + (lines[0] ?? 0);
      this.dataTo = this.from + (lines[1] ?? 0);
    } else this.#join();
    this.#lines.length = 0;
  }

  #join(): void {
    const parts: Buffer[] = [];
    for (let index = 0; index < this.#lines.length; index += 2) {
      if (index > 0) parts.push(newline);
      parts.push(this.bytes.subarray(this.from + (this.#lines[index] ?? 0), this.from + (this.#lines[index + 1] ?? 0)));
    }
    this.data = Buffer.concat(parts);
    this.dataFrom = 0;
    this.dataTo = this.data.length;
  }

  #oversized(): HxpError {
    return new HxpError("UPSTREAM_OVERSIZED", `An event of the stream is larger than ${this.#maxBytes} bytes`);
  }
}
