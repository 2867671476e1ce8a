import { type HxpError, toHxpError } from "@hxp/errors";

/** The body of an error as OpenAI's API tells it, with the field `retryable` of this house. */
export interface OpenAiError {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string | null;
    readonly retryable: boolean;
  };
}

const codes: Partial<Record<HxpError["code"], string | null>> = {
  ENGINE_CONTEXT_EXCEEDED: "context_length_exceeded",
  ENGINE_REQUEST_INVALID: "invalid_value",
  MODEL_REQUEST_INVALID: "invalid_value",
  ENGINE_UNSUPPORTED: "unsupported",
  MODEL_UNSUPPORTED: "unsupported",
  MODEL_REQUEST_TOO_LARGE: "request_too_large",
  MODEL_NOT_SERVED: "model_not_found",
};

/** Turns an error into what a client of OpenAI's API reads. What is not an error of HXP tells nothing of itself. */
export function toOpenAiError(thrown: unknown): { readonly status: number; readonly body: OpenAiError } {
  const error = toHxpError(thrown);
  const { status, details, retryable } = error;
  const known = error.code !== "INTERNAL";
  const param = details["param"];
  return {
    status,
    body: {
      error: {
        message: known ? inWordsOf(error) : "The server had an error while processing your request.",
        type: status < 500 || status === 501 ? "invalid_request_error" : "server_error",
        param: typeof param === "string" ? param : null,
        code: codes[error.code] ?? (known ? error.code.toLowerCase() : null),
        retryable,
      },
    },
  };
}

/** Clients such as LangChain know a prompt that is too long by OpenAI's words for it, not by the code. */
function inWordsOf({ code, message, details }: HxpError): string {
  const { contextLength } = details;
  if (code !== "ENGINE_CONTEXT_EXCEEDED" || typeof contextLength !== "number") return message;
  return `This model's maximum context length is ${contextLength} tokens. ${message}`;
}
