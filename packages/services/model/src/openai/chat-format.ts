import type { ChosenLogprob, ToolCall } from "@hxp/engine";
import type { AnswerFormat, ChoiceState, Piece } from "./answer-format.ts";

/** The shapes of `/v1/chat/completions`. */
export const chatFormat: AnswerFormat = {
  idPrefix: "chatcmpl-",
  wholeObject: "chat.completion",
  chunkObject: "chat.completion.chunk",
  begin: (state, first) => {
    const content = first?.type === "tool-call" ? null : "";
    return [toChunk(state, { role: "assistant", content, refusal: null })];
  },
  add: (state, piece) => {
    if (piece.type === "text") return [toChunk(state, { content: piece.text }, piece)];
    const index = state.calls.length - 1;
    const { id, name, arguments: written } = piece.call;
    const named = { index, id, type: "function", function: { name, arguments: "" } };
    const filled = { index, function: { arguments: written } };
    return [named, filled].map((call) => toChunk(state, { tool_calls: [call] }));
  },
  end: (state) => [{ index: state.choice.index, delta: {}, logprobs: null, finish_reason: state.reason }],
  whole: (state) => ({
    index: state.choice.index,
    message: toMessage(state),
    logprobs: state.choice.request.topLogprobs === undefined ? null : toLogprobs(state.logprobs),
    finish_reason: state.reason,
  }),
};

function toChunk({ choice }: ChoiceState, delta: object, piece?: Piece): object {
  const logprobs = piece?.type === "text" && piece.logprobs !== undefined ? toLogprobs(piece.logprobs) : null;
  return { index: choice.index, delta, logprobs, finish_reason: null };
}

function toMessage({ text, calls }: ChoiceState): object {
  const content = text === "" && calls.length > 0 ? null : text;
  const toolCalls = calls.length === 0 ? {} : { tool_calls: calls.map(toCall) };
  return { role: "assistant", content, refusal: null, annotations: [], ...toolCalls };
}

function toCall({ id, name, arguments: written }: ToolCall): object {
  return { id, type: "function", function: { name, arguments: written } };
}

function toLogprobs(chosen: readonly ChosenLogprob[]): object {
  const content = chosen.map(({ token, logprob, bytes, top }) => ({
    token,
    logprob,
    bytes,
    top_logprobs: top.map((other) => ({ token: other.token, logprob: other.logprob, bytes: other.bytes })),
  }));
  return { content, refusal: null };
}
