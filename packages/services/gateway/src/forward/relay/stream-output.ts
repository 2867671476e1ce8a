import type { ServerResponse } from "node:http";
import { streamHeaders } from "../prepare/prepare-headers.ts";

const comment = Buffer.from(": keep-alive\n\n");

/** What {@link StreamOutput} takes. */
export interface StreamOutputOptions {
  /** Added to the answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds between comments while the answer has not begun; 0: none. */
  readonly keepAlive: number;
  /** Milliseconds that the client may read nothing of what waits for it; then its connection is closed. 0: no limit. */
  readonly sendTimeout: number;
}

/** A stream to the client, over all attempts: its head is sent once, comments until it begins, and it ends once. */
export class StreamOutput {
  /** Whether a byte of an answer was sent; comments are none. */
  begun = false;
  /** Called when the client takes bytes again. */
  onDrain: (() => void) | undefined;
  readonly #response: ServerResponse;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #sendTimeout: number;
  #keepAlive: NodeJS.Timeout | undefined;

  constructor(response: ServerResponse, { headers, keepAlive, sendTimeout }: StreamOutputOptions) {
    this.#response = response;
    this.#headers = headers;
    this.#sendTimeout = sendTimeout;
    if (keepAlive <= 0) return;
    this.#keepAlive = setInterval(() => this.#comment(), keepAlive);
  }

  /** Whether the client has a status: what goes wrong from now on is told in the stream. */
  get answered(): boolean {
    return this.#response.headersSent;
  }

  /** The answer begins. */
  begin(route: string): void {
    this.begun = true;
    this.close();
    this.#head(route);
    this.#response.on("drain", () => {
      this.#response.setTimeout(0);
      this.onDrain?.();
    });
  }

  /** Sends bytes; false: the client is slower than what comes. */
  write(bytes: Buffer): boolean {
    const flows = this.#response.write(bytes);
    // The socket counts what the system has taken as progress, and is destroyed where there is none.
    if (!flows) this.#response.setTimeout(this.#sendTimeout);
    return flows;
  }

  /** Sends what is left, and ends. */
  end(bytes?: Buffer): void {
    this.close();
    this.#response.end(bytes);
  }

  /** Ends the stream with an error; nothing says that it is complete. */
  fail(error: unknown): void {
    this.end(Buffer.from(`data: ${JSON.stringify(error)}\n\n`));
  }

  /** Sends no more comments. */
  close(): void {
    clearInterval(this.#keepAlive);
    this.#keepAlive = undefined;
  }

  #comment(): void {
    // Comments that a client does not read are not worth memory.
    if (this.#response.destroyed || this.#response.writableNeedDrain) return;
    this.#head(undefined);
    this.#response.write(comment);
  }

  #head(route: string | undefined): void {
    if (!this.#response.headersSent) this.#response.writeHead(200, streamHeaders(this.#headers, route));
  }
}
