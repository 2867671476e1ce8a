import type { ChosenLogprob, GenerateEvent, ToolCall } from "@hxp/engine";
import type { SimulatedRequest } from "./request-log.ts";
import type { TextRequest } from "./read-request.ts";

/** One answer as far as it has come. */
export interface Choice {
  readonly index: number;
  readonly calls: ToolCall[];
  readonly logprobs: ChosenLogprob[];
  text: string;
  reason: string | null;
}

type Piece = Extract<GenerateEvent, { type: "text" | "tool-call" }>;

/** Elements of `choices` in a stream, for the beginning of an answer. */
export function beginChoice(type: TextRequest["type"], { index }: Choice): object[] {
  return type === "chat" ? [toDelta(index, { role: "assistant", content: "" })] : [];
}

/** Elements of `choices` in a stream, for one more piece. */
export function addPiece(type: TextRequest["type"], choice: Choice, piece: Piece): object[] {
  const { index } = choice;
  if (piece.type === "tool-call") {
    const at = choice.calls.push(piece.call) - 1;
    const { id, name, arguments: written } = piece.call;
    const first = { index: at, id, type: "function", function: { name, arguments: "" } };
    const second = { index: at, function: { arguments: written } };
    return [first, second].map((call) => toDelta(index, { tool_calls: [call] }));
  }
  choice.text += piece.text;
  choice.logprobs.push(...(piece.logprobs ?? []));
  if (type === "chat") {
    const logprobs = piece.logprobs === undefined ? null : toChatLogprobs(piece.logprobs);
    return [{ ...toDelta(index, { content: piece.text }), logprobs }];
  }
  const logprobs = piece.logprobs === undefined ? null : toTextLogprobs(piece.logprobs);
  return [{ index, text: piece.text, logprobs, finish_reason: null }];
}

/** Elements of `choices` in a stream, for the end of an answer. */
export function endChoice(type: TextRequest["type"], { index, reason }: Choice): object[] {
  const end = { logprobs: null, finish_reason: reason, stop_reason: null };
  return [type === "chat" ? { index, delta: { content: "" }, ...end } : { index, text: "", ...end }];
}

function toDelta(index: number, delta: object): object {
  return { index, delta, logprobs: null, finish_reason: null };
}

/** An element of `choices` in a whole answer. */
export function wholeChoice(type: TextRequest["type"], choice: Choice, withLogprobs: boolean): object {
  const { index, text, calls, reason, logprobs } = choice;
  const end = { finish_reason: reason, stop_reason: null };
  if (type === "completion") return { index, text, logprobs: withLogprobs ? toTextLogprobs(logprobs) : null, ...end };
  const written = calls.map(({ id, name, arguments: args }) => ({
    id,
    type: "function",
    function: { name, arguments: args },
  }));
  const message = { role: "assistant", content: calls.length > 0 && text === "" ? null : text, tool_calls: written };
  return { index, message, logprobs: withLogprobs ? toChatLogprobs(logprobs) : null, ...end };
}

function toChatLogprobs(chosen: readonly ChosenLogprob[]): object {
  return { content: chosen.map((each) => ({ ...toPlain(each), top_logprobs: each.top.map(toPlain) })) };
}

function toPlain({ token, logprob, bytes }: Omit<ChosenLogprob, "top">): object {
  return { token, logprob, bytes };
}

function toTextLogprobs(chosen: readonly ChosenLogprob[]): object {
  return {
    tokens: chosen.map(({ token }) => token),
    token_logprobs: chosen.map(({ logprob }) => logprob),
    top_logprobs: chosen.map(({ top }) => Object.fromEntries(top.map(({ token, logprob }) => [token, logprob]))),
    text_offset: chosen.map((_, index) => chosen.slice(0, index).reduce((sum, { token }) => sum + token.length, 0)),
  };
}

/** Usage as the API tells it: a prompt counts once, however many answers it has. */
export function toUsage({ cachedTokens, completionTokens }: SimulatedRequest, promptTokens: number): object {
  return {
    prompt_tokens: promptTokens,
    total_tokens: promptTokens + completionTokens,
    completion_tokens: completionTokens,
    prompt_tokens_details: { cached_tokens: Math.min(cachedTokens, promptTokens) },
  };
}

/** An error as vLLM tells it. */
export function toVllmError(status: number, message: string): object {
  const type =
    status === 400
      ? "BadRequestError"
      : status === 404
        ? "NotFoundError"
        : status === 401
          ? "Unauthorized"
          : "InternalServerError";
  return { error: { message, type, param: null, code: status } };
}
