import { HxpError, toHxpError } from "@hxp/errors";
import type { Dispatcher } from "undici";
import type { ForwardTimeouts } from "../forward-context.ts";
import { readTransportError } from "./read-transport-error.ts";

/** How far a call has come. */
export type Stage = "connecting" | "sent" | "answering";

/** Head of an upstream's answer. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** What takes an answer's body. What it throws fails the call. */
export interface AnswerReceiver {
  data(chunk: Buffer): void;
  /** The body has ended as HTTP says it should. */
  end(): void;
}

/** What {@link UpstreamCall} takes. */
export interface UpstreamCallOptions {
  readonly timeouts: ForwardTimeouts;
  /** Milliseconds that are left for the whole request. */
  readonly remaining: number;
  /** Whether the first piece of the body is waited for by `firstToken`, or the head by `answer`. */
  readonly stream: boolean;
  /** Called when the connection stands and the request goes out. */
  readonly onSent: () => void;
  /** Says who takes the answer. What it throws fails the call. */
  readonly receive: (head: AnswerHead) => AnswerReceiver;
}

/** Milliseconds that an upstream may take to close an answer that said it is complete, before the connection is given up. */
const linger = 1000;

/** One request to an upstream: keeps its times and ends once, by itself or by {@link UpstreamCall.fail}. */
export class UpstreamCall implements Dispatcher.DispatchHandler {
  /** Resolves when the call has ended; with the error, if it failed. */
  readonly ended: Promise<HxpError | undefined>;
  stage: Stage = "connecting";

  readonly #options: UpstreamCallOptions;
  readonly #resolve: (error: HxpError | undefined) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #receiver: AnswerReceiver | undefined;
  #hasEnded = false;
  #isPaused = false;
  #timer: NodeJS.Timeout;
  readonly #total: NodeJS.Timeout;

  constructor(options: UpstreamCallOptions) {
    const { promise, resolve } = Promise.withResolvers<HxpError | undefined>();
    this.ended = promise;
    this.#resolve = resolve;
    this.#options = options;
    this.#timer = this.#failAfter(options.timeouts.connect, "UPSTREAM_TIMEOUT", "did not take the connection");
    this.#total = this.#failAfter(options.remaining, "REQUEST_TIMEOUT", "was still answering");
  }

  /** Ends the call with an error; the connection is closed at once. */
  fail(error: HxpError): void {
    if (this.#hasEnded) return;
    this.#end(error);
    this.#controller?.abort(error);
  }

  /** Ends the call: the answer is whole. What still comes is not read, so that the connection can be used again. */
  complete(): void {
    if (this.#hasEnded) return;
    this.#end(undefined);
    this.resume();
    this.#timer = setTimeout(() => this.#controller?.abort(new Error("The answer did not end")), linger);
    this.#timer.unref();
  }

  /** The first piece of a stream has come: from now on only gaps count. */
  begin(): void {
    this.#wait(this.#options.timeouts.idle, "UPSTREAM_STALLED", "sent nothing more");
  }

  /** Reads nothing until {@link UpstreamCall.resume}; a gap is not the upstream's fault then. */
  pause(): void {
    this.#isPaused = true;
    this.#controller?.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (!this.#hasEnded) this.#timer.refresh();
    this.#controller?.resume();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // It failed while it waited for a connection: nothing is sent.
    if (this.#hasEnded) return controller.abort(new Error("The request has ended"));
    this.stage = "sent";
    this.#options.onSent();
    const { stream, timeouts } = this.#options;
    this.#wait(stream ? timeouts.firstToken : timeouts.answer, "UPSTREAM_TIMEOUT", "did not begin to answer");
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: AnswerHead["headers"]): void {
    if (this.#hasEnded || status < 200) return;
    this.stage = "answering";
    if (!this.#options.stream) this.begin();
    this.guard(() => {
      this.#receiver = this.#options.receive({ status, headers });
    });
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#hasEnded) return;
    try {
      this.#receiver?.data(chunk);
    } catch (error) {
      this.fail(toHxpError(error));
    }
  }

  onResponseEnd(): void {
    if (this.#hasEnded) return clearTimeout(this.#timer);
    this.guard(() => this.#receiver?.end());
    if (!this.#hasEnded) this.#end(undefined);
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    if (this.#hasEnded) return clearTimeout(this.#timer);
    this.#end(readTransportError(error, this.stage));
  }

  /** A piece has come; `begin` or an earlier piece set the time that begins anew. */
  touch(): void {
    this.#timer.refresh();
  }

  /** Does something of the call unless it has ended; what it throws fails the call. */
  guard(act: () => void): void {
    if (this.#hasEnded) return;
    try {
      act();
    } catch (error) {
      this.fail(toHxpError(error));
    }
  }

  #end(error: HxpError | undefined): void {
    this.#hasEnded = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#total);
    this.#resolve(error);
  }

  #wait(ms: number, code: "UPSTREAM_TIMEOUT" | "UPSTREAM_STALLED", what: string): void {
    clearTimeout(this.#timer);
    this.#timer = this.#failAfter(ms, code, what);
  }

  #failAfter(
    ms: number,
    code: "UPSTREAM_TIMEOUT" | "UPSTREAM_STALLED" | "REQUEST_TIMEOUT",
    what: string,
  ): NodeJS.Timeout {
    const timer = setTimeout(() => {
      if (this.#isPaused && code === "UPSTREAM_STALLED") timer.refresh();
      else this.fail(new HxpError(code, `The upstream ${what} after ${ms} ms`));
    }, ms);
    return timer;
  }
}
