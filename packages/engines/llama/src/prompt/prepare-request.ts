import { randomBytes } from "node:crypto";
import type { GenerateRequest, Prompt, Tool } from "@hxp/engine";
import { HxpError } from "@hxp/errors";
import { constraintGrammar } from "../constraint/constraint-grammar.ts";
import { callGrammar } from "../constraint/call-grammar.ts";
import type { Vocabulary } from "../text/vocabulary.ts";
import { type CallReader, createCallReader, plainReader } from "../tools/call-reader.ts";
import { type ChatTemplate, withBos } from "./chat-template.ts";
import { requireRoom } from "./require-room.ts";

/** A request in the terms of a loaded model. */
export interface PreparedRequest {
  readonly prompt: Uint32Array;
  readonly maxTokens: number;
  /** GBNF that the answer must match. */
  readonly grammar: string | undefined;
  readonly calls: CallReader;
  /** Texts of control tokens that {@link CallReader} looks for. */
  readonly visible: readonly string[];
}

/** What {@link prepareRequest} needs of the model. */
export interface RequestModel {
  readonly vocabulary: Vocabulary;
  /** Undefined: the model has none. */
  readonly template: ChatTemplate | undefined;
  readonly contextLength: number;
}

const mostTopLogprobs = 100;

/** Checks a request and turns it into tokens. Throws ENGINE_REQUEST_INVALID, ENGINE_UNSUPPORTED and ENGINE_CONTEXT_EXCEEDED. */
export function prepareRequest(request: GenerateRequest, model: RequestModel): PreparedRequest {
  checkNumbers(request);
  const draft = request.prompt.type === "text" ? readText(request, model) : readChat(request, request.prompt, model);
  if (draft.prompt.length === 0) throw invalid("has an empty prompt, expected some text");
  const left = model.contextLength - draft.prompt.length;
  if (left < 1 || (request.maxTokens ?? 0) > left) {
    const asked = request.maxTokens === undefined ? "" : `, with ${request.maxTokens} for the answer`;
    throw new HxpError(
      "ENGINE_CONTEXT_EXCEEDED",
      `The prompt has ${draft.prompt.length} tokens${asked}: the context holds ${model.contextLength}`,
      {
        details: {
          promptTokens: draft.prompt.length,
          maxTokens: request.maxTokens,
          contextLength: model.contextLength,
        },
      },
    );
  }
  return { ...draft, maxTokens: request.maxTokens ?? left };
}

type Draft = Omit<PreparedRequest, "maxTokens">;

function readText({ prompt, constraint }: GenerateRequest, model: RequestModel): Draft {
  const { vocabulary } = model;
  const text = prompt.type === "text" ? prompt.text : "";
  requireRoom(text, model);
  const tokens = withBos([...vocabulary.tokenize(text, true)], vocabulary);
  return { prompt: Uint32Array.from(tokens), grammar: constraintGrammar(constraint), calls: plainReader, visible: [] };
}

function readChat(request: GenerateRequest, chat: Extract<Prompt, { type: "chat" }>, model: RequestModel): Draft {
  const { template } = model;
  if (template === undefined) {
    throw new HxpError("ENGINE_UNSUPPORTED", "The model has no chat template: it continues texts only", {
      hint: "Set chatTemplate in the configuration, or ask for a completion.",
    });
  }
  const { choice, tools } = toolsOf(chat);
  const { style } = template;
  const forced = callGrammar({ choice, tools, style });
  if (tools.length > 0 && request.constraint !== undefined) {
    throw new HxpError("ENGINE_UNSUPPORTED", "An answer cannot be bound to a constraint while it may call tools", {
      hint: 'Send toolChoice "none", or no constraint.',
    });
  }
  const opening = forced === undefined ? "" : style.open;
  return {
    prompt: template.render({ messages: chat.messages, tools, opening, contextLength: model.contextLength }),
    grammar: forced ?? constraintGrammar(request.constraint),
    visible: tools.length === 0 ? [] : [style.open, style.close],
    calls:
      tools.length === 0
        ? plainReader
        : createCallReader({
            style,
            names: typeof choice === "object" ? new Set([choice.name]) : new Set(tools.map(({ name }) => name)),
            isOpen: forced !== undefined,
            createId: style.name === "mistral" ? () => createId(9) : () => `call_${createId(24)}`,
          }),
  };
}

function toolsOf(chat: Extract<Prompt, { type: "chat" }>): {
  choice: "auto" | "required" | { name: string };
  tools: readonly Tool[];
} {
  const { tools = [], toolChoice = "auto" } = chat;
  if (toolChoice === "none") return { choice: "auto", tools: [] };
  if (toolChoice !== "auto" && tools.length === 0) throw invalid("must call a tool, and has none");
  if (typeof toolChoice === "object" && !tools.some(({ name }) => name === toolChoice.name)) {
    throw invalid(`must call the tool ${JSON.stringify(toolChoice.name)}, which is not among its tools`);
  }
  return { choice: toolChoice, tools };
}

function checkNumbers({ maxTokens, topLogprobs }: GenerateRequest): void {
  if (maxTokens !== undefined && !(Number.isInteger(maxTokens) && maxTokens >= 1)) {
    throw invalid(`has maxTokens ${maxTokens}, expected an integer from 1`);
  }
  const isGood = topLogprobs === undefined || (Number.isInteger(topLogprobs) && topLogprobs >= 0);
  if (!isGood || (topLogprobs ?? 0) > mostTopLogprobs) {
    throw invalid(`has topLogprobs ${topLogprobs}, expected an integer from 0 to ${mostTopLogprobs}`);
  }
}

function createId(length: number): string {
  return randomBytes(length).toString("hex").slice(0, length);
}

function invalid(problem: string): HxpError {
  return new HxpError("ENGINE_REQUEST_INVALID", `The request ${problem}`);
}
