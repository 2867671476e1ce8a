import { HxpError } from "@hxp/errors";
import type { AnswerScanner } from "./answer-scanner.ts";

/** More choices than this are no answer to any request. */
const mostChoices = 65_536;

/** Whether a stream is whole: each choice that began has to say why it ended. */
export class StreamState {
  /** Pieces that brought something generated, over all choices. */
  pieces = 0;
  /** Whether the stream said that it is complete. */
  done = false;
  readonly #asked: number;
  readonly #begun = new Set<number>();
  readonly #finished = new Set<number>();

  /** `asked`: choices that the request asks for. */
  constructor(asked: number) {
    this.#asked = asked;
  }

  /** Takes note of a piece. Throws UPSTREAM_INVALID for one that is none. */
  note(piece: AnswerScanner): void {
    if (!piece.hasList) throw new HxpError("UPSTREAM_INVALID", "A piece of the stream has no choices");
    for (let at = 0; at < piece.count; at++) {
      const choice = piece.choices[at];
      if (choice === undefined) continue;
      if (choice.generated) this.pieces += 1;
      this.#begun.add(choice.index);
      if (choice.finished) this.#finished.add(choice.index);
    }
    if (this.#begun.size > mostChoices) throw new HxpError("UPSTREAM_INVALID", "The stream has too many choices");
  }

  /**
   * What is wrong with an end here, if anything. Where the stream did not say that it is complete, all choices that were
   * asked for must have come.
   */
  problem(): HxpError | undefined {
    const expected = Math.max(1, this.done ? this.#begun.size : Math.max(this.#begun.size, this.#asked));
    if (this.#finished.size >= expected) return undefined;
    return new HxpError(
      "UPSTREAM_INCOMPLETE",
      `The stream ended with a finish reason for ${this.#finished.size} of ${expected} choices`,
    );
  }
}
