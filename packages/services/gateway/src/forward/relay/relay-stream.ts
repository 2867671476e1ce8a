import { HxpError } from "@hxp/errors";
import type { Observed } from "../account/observed.ts";
import type { AnswerScanner } from "../read/answer-scanner.ts";
import { EventReader } from "../read/event-reader.ts";
import { readStreamError } from "../read/read-refusal.ts";
import type { StreamState } from "../read/stream-state.ts";
import { renderUsage } from "../read/usage.ts";
import type { AnswerReceiver, UpstreamCall } from "../send/upstream-call.ts";
import { EditedBytes } from "./edited-bytes.ts";
import { editUsage, type UsagePolicy } from "./edit-usage.ts";
import type { StreamOutput } from "./stream-output.ts";

const done = Buffer.from("[DONE]");
const doneEvent = Buffer.from("data: [DONE]\n\n");

/** What {@link StreamRelay} takes. */
export interface StreamRelayOptions {
  readonly call: UpstreamCall;
  readonly output: StreamOutput;
  readonly observed: Observed;
  readonly state: StreamState;
  readonly scanner: AnswerScanner;
  readonly policy: UsagePolicy;
  /** Largest event, in bytes. */
  readonly eventBytes: number;
  /** Called before the first byte of the answer is sent. */
  readonly onBegin: () => void;
}

/** Passes a stream on, event by event, and ends it well only if it is whole. */
export class StreamRelay implements AnswerReceiver {
  readonly #options: StreamRelayOptions;
  readonly #reader: EventReader;
  readonly #edited = new EditedBytes();
  #hasBegun = false;
  #hasSentUsage = false;
  /** The piece before this one, for a last piece that the upstream left out. */
  #piece: { bytes: Buffer; from: number; to: number } | undefined;

  constructor(options: StreamRelayOptions) {
    this.#options = options;
    this.#reader = new EventReader(options.eventBytes);
  }

  data(chunk: Buffer): void {
    const { call, state } = this.#options;
    if (this.#hasBegun) call.touch();
    this.#reader.push(chunk);
    try {
      while (!state.done && this.#reader.next()) this.#event();
    } finally {
      if (!state.done) this.#flush();
    }
    if (state.done) this.#complete();
  }

  end(): void {
    const { state } = this.#options;
    if (this.#reader.last()) this.#lastEvent();
    const problem = state.problem();
    if (problem !== undefined) {
      this.#flush();
      throw problem;
    }
    if (!state.done) this.#finish(() => this.#edited.insert(doneEvent));
    this.#complete();
  }

  #event(): void {
    const { state, scanner, observed, policy } = this.#options;
    const reader = this.#reader;
    const { data, dataFrom, dataTo } = reader;
    if (this.#isDone()) return this.#finish(() => this.#edited.keep(reader.bytes, reader.from, reader.to));
    if (!scanner.scan(data, dataFrom, dataTo)) {
      if (reader.isError) throw readStreamError(data.subarray(dataFrom, dataTo));
      throw new HxpError("UPSTREAM_INVALID", "An event of the stream is not a JSON object");
    }
    if (scanner.hasError || reader.isError) throw readStreamError(data.subarray(dataFrom, dataTo));
    state.note(scanner);
    observed.pieces = state.pieces;
    if (scanner.usageFrom !== -1 && !scanner.usageIsNull) {
      observed.noteUsage(data, scanner.usageFrom, scanner.usageTo);
    }
    if (policy === "last") this.#piece = { bytes: data, from: dataFrom, to: dataTo };
    if (editUsage(policy, { reader, scanner }, this.#edited)) this.#hasSentUsage = true;
  }

  /** An event without its blank line: if it was cut off, it is missing rather than wrong. */
  #lastEvent(): void {
    const { scanner } = this.#options;
    const { data, dataFrom, dataTo } = this.#reader;
    if (this.#isDone() || scanner.scan(data, dataFrom, dataTo)) this.#event();
  }

  #isDone(): boolean {
    const { data, dataFrom, dataTo } = this.#reader;
    return dataTo - dataFrom === done.length && data.compare(done, 0, done.length, dataFrom, dataTo) === 0;
  }

  #finish(add: () => void): void {
    const { state } = this.#options;
    state.done = true;
    const problem = state.problem();
    if (problem !== undefined) {
      state.done = false;
      throw problem;
    }
    this.#addUsage();
    add();
  }

  /** A client that asked gets its piece with usage also from an engine that tells it elsewhere. */
  #addUsage(): void {
    const { policy, observed } = this.#options;
    const { told } = observed;
    if (policy !== "last" || this.#hasSentUsage || told === undefined || this.#piece === undefined) return;
    const { bytes, from, to } = this.#piece;
    const piece = JSON.parse(bytes.toString("utf8", from, to)) as Record<string, unknown>;
    const last = { ...piece, choices: [], usage: renderUsage(told) };
    this.#edited.insert(Buffer.from(`data: ${JSON.stringify(last)}\n\n`));
  }

  #complete(): void {
    const { call, output, observed } = this.#options;
    observed.whole = true;
    this.#begin();
    output.end(this.#edited.take());
    call.complete();
  }

  #flush(): void {
    const bytes = this.#edited.take();
    if (bytes === undefined) return;
    this.#begin();
    if (!this.#options.output.write(bytes)) this.#options.call.pause();
  }

  #begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#options.onBegin();
    this.#options.call.begin();
  }
}
