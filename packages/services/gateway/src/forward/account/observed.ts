import type { Target } from "../../pipeline.ts";
import { type EngineUsage, parseUsage } from "../read/usage.ts";

/** What was seen of one attempt, for the accounts. */
export class Observed {
  readonly target: Target;
  /** The request's id on the upstream. */
  readonly upstreamId: string;
  /** Whether the engine computed something: `perhaps`, if the connection broke before it said a word. */
  worked: "no" | "perhaps" | "yes" = "no";
  /** Pieces of a stream that brought something generated. */
  pieces = 0;
  /** Bytes of an answer that is not a stream. */
  answerBytes = 0;
  /** Whether the answer is whole: its usage is final. */
  whole = false;
  #bytes: Buffer | undefined;
  #from = 0;
  #to = 0;

  constructor(target: Target, upstreamId: string) {
    this.target = target;
    this.upstreamId = upstreamId;
  }

  /** Remembers where the latest usage stands; only the last one is ever read. */
  noteUsage(bytes: Buffer, from: number, to: number): void {
    this.#bytes = bytes;
    this.#from = from;
    this.#to = to;
  }

  /** The latest usage that the engine told. */
  get told(): EngineUsage | undefined {
    return this.#bytes && parseUsage(this.#bytes.subarray(this.#from, this.#to));
  }
}
