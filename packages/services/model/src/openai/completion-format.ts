import type { ChosenLogprob } from "@hxp/engine";
import type { AnswerFormat } from "./answer-format.ts";

/** The shapes of `/v1/completions`. */
export const completionFormat: AnswerFormat = {
  idPrefix: "cmpl-",
  wholeObject: "text_completion",
  chunkObject: "text_completion",
  begin: ({ choice }) => (choice.echo === "" ? [] : [toChoice(choice.index, { text: choice.echo })]),
  add: (state, piece) => {
    if (piece.type !== "text") return [];
    const logprobs =
      piece.logprobs === undefined ? null : toLogprobs(piece.logprobs, state.text.length - piece.text.length);
    return [toChoice(state.choice.index, { text: piece.text, logprobs })];
  },
  end: ({ choice, reason }) => [toChoice(choice.index, { text: "", finish_reason: reason })],
  whole: ({ choice, text, logprobs, reason }) =>
    toChoice(choice.index, {
      text,
      logprobs: choice.request.topLogprobs === undefined ? null : toLogprobs(logprobs, choice.echo.length),
      finish_reason: reason,
    }),
};

function toChoice(index: number, facts: object): object {
  return { index, text: "", logprobs: null, finish_reason: null, ...facts };
}

function toLogprobs(chosen: readonly ChosenLogprob[], offset: number): object {
  const offsets: number[] = [];
  let at = offset;
  for (const { token } of chosen) {
    offsets.push(at);
    at += token.length;
  }
  return {
    tokens: chosen.map(({ token }) => token),
    token_logprobs: chosen.map(({ logprob }) => logprob),
    top_logprobs: chosen.map(({ top }) => Object.fromEntries(top.map(({ token, logprob }) => [token, logprob]))),
    text_offset: offsets,
  };
}
