import type { EndReason, GenerateEvent, Usage } from "@hxp/engine";
import type { Chooser, Job, Sampled } from "../schedule/job.ts";
import type { AnswerPart, CallReader } from "../tools/call-reader.ts";
import type { TextWriter, Written } from "../text/text-writer.ts";
import type { EventQueue } from "./event-queue.ts";

/** What an {@link Answer} is made of. */
export interface AnswerOptions {
  readonly id: string;
  readonly prompt: Uint32Array;
  readonly maxTokens: number;
  readonly withLogprobs: boolean;
  readonly createChooser: () => Chooser;
  readonly isEnd: (token: number) => boolean;
  readonly writer: TextWriter;
  /** Finds calls of tools in the text. */
  readonly calls: CallReader;
  readonly events: EventQueue<GenerateEvent>;
  /** Called once, with how it ended. */
  readonly onEnd: (reason: EndReason | "failed") => void;
}

/** One answer: takes tokens from the scheduler, and gives events to whoever asked. */
export class Answer implements Job {
  readonly id: string;
  readonly prompt: Uint32Array;
  readonly createChooser: () => Chooser;
  readonly #options: AnswerOptions;
  #logprobs: Written["logprobs"] = [];
  #hasCalls = false;
  #isOver = false;

  constructor(options: AnswerOptions) {
    this.id = options.id;
    this.prompt = options.prompt;
    this.createChooser = options.createChooser;
    this.#options = options;
  }

  onStart(usage: Usage): void {
    this.#options.events.push({ type: "start", usage });
  }

  onToken(sampled: Sampled, usage: Usage): boolean {
    const { writer, maxTokens, isEnd } = this.#options;
    if (isEnd(sampled.token)) return this.#finish("stop", usage);
    const written = writer.push(sampled);
    this.#emit(written, usage);
    if (written.isStopped) return this.#finish("stop", usage, { isCut: true });
    return usage.completionTokens >= maxTokens && this.#finish("length", usage);
  }

  onFail(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.events.fail(error);
    this.#options.onEnd("failed");
  }

  /** Ends it from outside; text that was held back is lost. */
  abort(usage: Usage): void {
    this.#end("aborted", usage);
  }

  #finish(reason: "stop" | "length", usage: Usage, { isCut = false } = {}): true {
    const written = isCut ? undefined : this.#options.writer.flush();
    if (written !== undefined) this.#emit(written, usage);
    const isStopped = reason === "stop" || written?.isStopped === true;
    this.#emitParts(this.#options.calls.end(isStopped ? "model" : "limit"), usage);
    this.#end(isStopped && this.#hasCalls ? "tool_calls" : isStopped ? "stop" : "length", usage);
    return true;
  }

  #emit({ text, logprobs }: Written, usage: Usage): void {
    this.#logprobs = [...this.#logprobs, ...logprobs];
    this.#emitParts(this.#options.calls.push(text), usage);
  }

  #emitParts(parts: readonly AnswerPart[], usage: Usage): void {
    const { events, withLogprobs } = this.#options;
    for (const part of parts) {
      if (part.type === "call") {
        this.#hasCalls = true;
        const cut = part.isCut === true ? ({ isCut: true } as const) : {};
        events.push({ type: "tool-call", call: part.call, usage, ...cut });
      } else {
        events.push({ type: "text", text: part.text, usage, ...(withLogprobs ? { logprobs: this.#logprobs } : {}) });
        this.#logprobs = [];
      }
    }
  }

  #end(reason: EndReason, usage: Usage): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.events.push({ type: "end", reason, usage });
    this.#options.events.close();
    this.#options.onEnd(reason);
  }
}
