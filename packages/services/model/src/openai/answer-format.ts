import type { ChosenLogprob, EndReason, GenerateEvent, ToolCall } from "@hxp/engine";
import type { JobChoice } from "./generation-job.ts";

/** An answer as far as it has come. */
export interface ChoiceState {
  readonly choice: JobChoice;
  readonly calls: ToolCall[];
  readonly logprobs: ChosenLogprob[];
  text: string;
  /** Whether its first piece was told. */
  begun: boolean;
  reason: FinishReason | undefined;
}

/** Why an answer ended, in OpenAI's words. */
type FinishReason = Exclude<EndReason, "aborted">;

/** An event that adds to an answer. */
export type Piece = Extract<GenerateEvent, { type: "text" | "tool-call" }>;

/** How answers of one endpoint look. The functions make the elements of `choices`. */
export interface AnswerFormat {
  /** Prefix of an answer's id. */
  readonly idPrefix: string;
  /** Value of `object` in a whole answer, and in a piece of a stream. */
  readonly wholeObject: string;
  readonly chunkObject: string;
  /** What comes before an answer's first piece, which is given if there is one. */
  begin(state: ChoiceState, first: Piece | undefined): readonly object[];
  /** One more piece; `state` has it already. */
  add(state: ChoiceState, piece: Piece): readonly object[];
  end(state: ChoiceState): readonly object[];
  whole(state: ChoiceState): object;
}

/** Makes the state of an answer that has not begun. */
export function createChoiceState(choice: JobChoice): ChoiceState {
  return { choice, calls: [], logprobs: [], text: choice.echo, begun: false, reason: undefined };
}

/** Adds a piece to an answer. */
export function addPiece(state: ChoiceState, piece: Piece): void {
  if (piece.type === "tool-call") {
    state.calls.push(piece.call);
    return;
  }
  state.text += piece.text;
  state.logprobs.push(...(piece.logprobs ?? []));
}
