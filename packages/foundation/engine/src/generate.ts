/** One part of a message; engines that know only text refuse the others. */
export type ContentPart =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "image_url"; readonly image_url: { readonly url: string } };

/** A call of a tool that a model made. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON as the model wrote it; of a call that was cut: how it begins. */
  readonly arguments: string;
}

/** One message of a conversation. */
export interface Message {
  readonly role: "system" | "developer" | "user" | "assistant" | "tool";
  readonly content: string | readonly ContentPart[] | null;
  readonly name?: string | undefined;
  readonly toolCalls?: readonly ToolCall[] | undefined;
  /** Of a message with the role `tool`: the call that it answers. */
  readonly toolCallId?: string | undefined;
}

/** A function that a model may call. */
export interface Tool {
  readonly name: string;
  readonly description?: string | undefined;
  /** JSON Schema of the arguments. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
}

/** Which tools a model may or must call. */
export type ToolChoice = "none" | "auto" | "required" | { readonly name: string };

/** What is continued: a conversation by the model's chat template, or a text as it is. */
export type Prompt =
  | {
      readonly type: "chat";
      readonly messages: readonly Message[];
      readonly tools?: readonly Tool[] | undefined;
      /** Default `auto` where there are tools. */
      readonly toolChoice?: ToolChoice | undefined;
    }
  /** Texts of control tokens in it are those tokens: whoever sends a text writes the whole prompt. */
  | { readonly type: "text"; readonly text: string };

/** How the next token is chosen. */
export interface Sampling {
  /** 0: always the likeliest token, so that the same prompt gives the same answer. */
  readonly temperature: number;
  readonly topP: number;
  /** 0: no limit. */
  readonly topK: number;
  readonly minP: number;
  readonly seed?: number | undefined;
  readonly presencePenalty: number;
  readonly frequencyPenalty: number;
  /** Added to the logits, by token id. */
  readonly logitBias?: ReadonlyMap<number, number> | undefined;
}

/** What an answer's text must match. */
export type Constraint =
  | { readonly type: "json" }
  | { readonly type: "json_schema"; readonly schema: Readonly<Record<string, unknown>> }
  /** A grammar in llama.cpp's notation, GBNF. */
  | { readonly type: "grammar"; readonly grammar: string };

/** One answer to generate. */
export interface GenerateRequest {
  /** Names the request in logs, metrics and errors. */
  readonly id: string;
  readonly prompt: Prompt;
  /** Most tokens to generate; default: what the context has left. */
  readonly maxTokens?: number | undefined;
  readonly sampling: Sampling;
  /** Texts at which the answer ends; they are not part of it. */
  readonly stop: readonly string[];
  readonly constraint?: Constraint | undefined;
  /** How many of the likeliest tokens to report with each token; undefined: no logprobs at all. */
  readonly topLogprobs?: number | undefined;
}

/** A token with its natural logarithm of probability, as the model said before any setting of {@link Sampling}. */
export interface TokenLogprob {
  readonly token: string;
  readonly logprob: number;
  readonly bytes: readonly number[];
}

/** A token that was chosen, and what else was likely. */
export interface ChosenLogprob extends TokenLogprob {
  readonly top: readonly TokenLogprob[];
}

/** Tokens that a request took, by the engine's own count. */
export interface Usage {
  readonly promptTokens: number;
  /** Those of the prompt tokens that were reused from the cache. */
  readonly cachedTokens: number;
  readonly completionTokens: number;
}

/** Why an answer ended. */
export type EndReason = "stop" | "length" | "tool_calls" | "aborted";

/** What happens while an answer is generated. */
export type GenerateEvent =
  /** The prompt was read: its tokens are counted from here on. */
  | { readonly type: "start"; readonly usage: Usage }
  /** More text; never half a character. `usage` counts everything up to here. */
  | {
      readonly type: "text";
      readonly text: string;
      readonly usage: Usage;
      readonly logprobs?: readonly ChosenLogprob[] | undefined;
    }
  /**
   * A call of a tool. `isCut`: `maxTokens` ended the answer in it, so its arguments may be only how the JSON begins, and the end has
   * the reason `length`. A call that must be made is never text, however early it is cut; a cut one whose tool is not known yet
   * gives no event.
   */
  | { readonly type: "tool-call"; readonly call: ToolCall; readonly usage: Usage; readonly isCut?: true | undefined }
  | { readonly type: "end"; readonly reason: EndReason; readonly usage: Usage };

/** Texts to turn into vectors. */
export interface EmbedRequest {
  readonly id: string;
  readonly texts: readonly string[];
}

/** One vector of length 1 for each text, in the same order. */
export interface EmbedResult {
  readonly vectors: readonly (readonly number[])[];
  readonly promptTokens: number;
}
