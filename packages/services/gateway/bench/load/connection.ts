import { connect, type Socket } from "node:net";
import { AnswerParser } from "./answer-parser.ts";

/** How one request went. */
export interface Outcome {
  /** Whether the answer is whole, has status 200, and, if it is a stream, its end. */
  readonly ok: boolean;
  /** When the first byte of the body came, as `performance.now()`. */
  readonly firstByteAt: number;
}

/** A connection that sends one request after the other, and is opened anew when it was closed. */
export class Connection {
  readonly #port: number;
  readonly #parser = new AnswerParser();
  #socket: Socket | undefined;
  #firstByteAt = 0;
  #isStream = false;
  #onEnd: ((outcome: Outcome) => void) | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  /** Sends a request and says how it went. */
  send(request: Buffer, isStream: boolean, onEnd: (outcome: Outcome) => void): void {
    this.#parser.reset();
    this.#firstByteAt = 0;
    this.#isStream = isStream;
    this.#onEnd = onEnd;
    this.#socket ??= this.#open();
    this.#socket.write(request);
  }

  /** Whether a byte of the answer's body has come. */
  get hasBegun(): boolean {
    return this.#parser.hasBody;
  }

  /** Leaves, whatever is under way. */
  close(): void {
    this.#onEnd = undefined;
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #open(): Socket {
    const socket = connect({ port: this.#port, host: "127.0.0.1", noDelay: true });
    socket.on("data", (bytes) => this.#data(bytes));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#end({ ok: false, firstByteAt: this.#firstByteAt });
    });
    return socket;
  }

  #data(bytes: Buffer): void {
    if (this.#onEnd === undefined) return;
    let isWhole: boolean;
    try {
      isWhole = this.#parser.push(bytes);
    } catch {
      this.#socket?.destroy();
      return;
    }
    if (this.#firstByteAt === 0 && this.#parser.hasBody) this.#firstByteAt = performance.now();
    if (!isWhole) return;
    if (this.#parser.closes) {
      this.#socket?.destroy();
      this.#socket = undefined;
    }
    const ok = this.#parser.status === 200 && (!this.#isStream || this.#parser.endsWith("[DONE]"));
    this.#end({ ok, firstByteAt: this.#firstByteAt });
  }

  #end(outcome: Outcome): void {
    const onEnd = this.#onEnd;
    this.#onEnd = undefined;
    onEnd?.(outcome);
  }
}
