/** Thrown by {@link ByteReader} when the bytes at hand end before the value does. */
export class OutOfBytes extends Error {
  override readonly name = "OutOfBytes";
}

/** Thrown by {@link ByteReader}, and by whoever uses it, where the bytes are not what the format says. */
export class BadBytes extends Error {
  override readonly name = "BadBytes";
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

const text = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

/** Reads little-endian values one after the other; never past the end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get offset(): number {
    return this.#offset;
  }

  /** Goes on by `length` bytes and returns where they begin. */
  skip(length: number): number {
    const start = this.#offset;
    if (length > this.#bytes.length - start) throw new OutOfBytes();
    this.#offset = start + length;
    return start;
  }

  u8(): number {
    return this.#view.getUint8(this.skip(1));
  }

  i8(): number {
    return this.#view.getInt8(this.skip(1));
  }

  u16(): number {
    return this.#view.getUint16(this.skip(2), true);
  }

  i16(): number {
    return this.#view.getInt16(this.skip(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.skip(4), true);
  }

  i32(): number {
    return this.#view.getInt32(this.skip(4), true);
  }

  f32(): number {
    return this.#view.getFloat32(this.skip(4), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.skip(8), true);
  }

  /** A number of 64 bits; it must be one that JavaScript can hold. */
  u64(): number {
    return this.#safe(this.#view.getBigUint64(this.skip(8), true));
  }

  i64(): number {
    return this.#safe(this.#view.getBigInt64(this.skip(8), true));
  }

  /** A text after its length. */
  string(longest: number): string {
    const start = this.skipString(longest);
    return text.decode(this.#bytes.subarray(start, this.#offset));
  }

  /** Goes past a text after its length, and returns where it begins. */
  skipString(longest: number): number {
    const at = this.#offset;
    const length = this.u64();
    if (length > longest) throw new BadBytes(at, `a text of ${length} bytes, expected at most ${longest}`);
    return this.skip(length);
  }

  #safe(value: bigint): number {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) throw new BadBytes(this.#offset - 8, `the number ${value} is too large`);
    return number;
  }
}
