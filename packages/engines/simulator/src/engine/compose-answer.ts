import type { ChosenLogprob, GenerateRequest, Message, Prompt, Tool, ToolCall } from "@hxp/engine";
import { HxpError } from "@hxp/errors";
import { createRandom, hashText, pickNumber, pickOne, type Random } from "./random.ts";
import { sampleSchema } from "./sample-schema.ts";
import { splitTokens } from "./split-tokens.ts";

/** An answer that was decided on before its first token. */
export interface Answer {
  readonly prompt: readonly string[];
  /** What is generated, token by token; of a call of a tool: its arguments. */
  readonly tokens: readonly string[];
  readonly reason: "stop" | "length" | "tool_calls";
  /** Whether `tokens` spell a call of a tool, which is told at the end: all of it or, where it was cut, how it begins. */
  readonly silent: boolean;
  readonly call?: ToolCall | undefined;
  /** Makes the logprobs of one token. */
  readonly score: (token: string) => ChosenLogprob;
}

/** What an answer depends on, beside the request. */
export interface AnswerSettings {
  readonly seed: number;
  readonly contextLength: number;
  /** Fewest and most tokens of an answer that nobody bounds. */
  readonly answerTokens: readonly [least: number, most: number];
  /** The answer to a prompt; undefined: one is made up. */
  readonly answer: (prompt: string) => string | undefined;
}

/**
 * Decides on the answer: the same for the same seed and prompt, as long as the temperature is 0 or the request has a
 * seed, and else by the request's id, too.
 * Throws ENGINE_CONTEXT_EXCEEDED, ENGINE_REQUEST_INVALID or ENGINE_UNSUPPORTED.
 */
export function composeAnswer(request: GenerateRequest, settings: AnswerSettings): Answer {
  const text = renderPrompt(request.prompt);
  const prompt = splitTokens(text);
  const most = boundTokens(request, prompt.length, settings);
  const random = createRandom(seedOf(request, text, settings.seed));
  const score = (token: string): ChosenLogprob => scoreToken(token, request.topLogprobs ?? 0, random);
  const tool = chooseTool(request.prompt);
  if (tool !== undefined) {
    const call = { id: `call_${hashText(request.id + tool.name)}`, name: tool.name, arguments: fill(tool, random) };
    const whole = splitTokens(call.arguments);
    const tokens = whole.slice(0, most);
    const reason = whole.length > most ? "length" : "tool_calls";
    return { prompt, tokens, silent: true, score, reason, call: { ...call, arguments: tokens.join("") } };
  }
  const whole = composeText(request, { random, settings });
  return { prompt, score, silent: false, ...cutAnswer(whole, request.stop, most) };
}

/** A prompt as the text whose tokens are counted: the simulator's chat template. */
function renderPrompt(prompt: Prompt): string {
  if (prompt.type === "text") return prompt.text;
  const tools = (prompt.tools ?? []).map((tool) => `<|tool|>${JSON.stringify(tool)}\n`);
  const messages = prompt.messages.map((message) => `<|${message.role}|>${textOf(message)}\n`);
  return [...tools, ...messages, "<|assistant|>"].join("");
}

function textOf({ content, toolCalls = [] }: Message): string {
  const calls = toolCalls.map(({ name, arguments: written }) => `${name}(${written})`).join("");
  if (content === null || typeof content === "string") return `${content ?? ""}${calls}`;
  const parts = content.map((part) => {
    if (part.type === "text") return part.text;
    throw new HxpError("ENGINE_UNSUPPORTED", "The simulator reads text only; a message has an image.");
  });
  return `${parts.join("")}${calls}`;
}

function boundTokens(request: GenerateRequest, promptTokens: number, { contextLength }: AnswerSettings): number {
  const left = contextLength - promptTokens;
  const { maxTokens = Math.max(1, left) } = request;
  if (maxTokens <= left) return maxTokens;
  const message = `The prompt has ${promptTokens} tokens and the answer may have ${maxTokens}, but the model's context is ${contextLength} tokens.`;
  throw new HxpError("ENGINE_CONTEXT_EXCEEDED", message, { details: { promptTokens, maxTokens, contextLength } });
}

function seedOf({ sampling, id }: GenerateRequest, text: string, seed: number): number {
  const fixed = sampling.temperature === 0 || sampling.seed !== undefined;
  return hashText(`${seed} ${sampling.seed ?? ""} ${fixed ? "" : id} ${text}`);
}

/** The tool to call: the one that is asked for, or the first, once, where calling is allowed. */
function chooseTool(prompt: Prompt): Tool | undefined {
  if (prompt.type === "text" || prompt.tools === undefined || prompt.tools.length === 0) return undefined;
  const { tools, toolChoice = "auto", messages } = prompt;
  if (toolChoice === "none") return undefined;
  if (typeof toolChoice === "object") return findTool(tools, toolChoice.name);
  const answered = messages.at(-1)?.role === "tool";
  return toolChoice === "auto" && answered ? undefined : tools[0];
}

function findTool(tools: readonly Tool[], name: string): Tool {
  const found = tools.find((tool) => tool.name === name);
  if (found !== undefined) return found;
  throw new HxpError("ENGINE_REQUEST_INVALID", `The tool ${JSON.stringify(name)} is to be called, but is not given.`);
}

function fill(tool: Tool, random: Random): string {
  return toJson(tool.parameters ?? { type: "object" }, random);
}

function toJson(schema: Readonly<Record<string, unknown>>, random: Random): string {
  try {
    return JSON.stringify(sampleSchema(schema, random)) ?? "null";
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new HxpError("ENGINE_REQUEST_INVALID", `Nothing matches the JSON schema: ${error.message}.`, {
      cause: error,
    });
  }
}

const words = [
  "a", "model", "answers", "with", "words", "that", "nobody", "chose", "and", "every", "token", "takes", "its", "time",
  "while", "the", "queue", "moves", "on", "until", "an", "end", "is", "reached", "by", "chance",
] as const; // prettier-ignore

function composeText(
  request: GenerateRequest,
  { random, settings }: { random: Random; settings: AnswerSettings },
): string {
  const { constraint, prompt } = request;
  if (constraint?.type === "json_schema") return toJson(constraint.schema, random);
  if (constraint?.type === "json")
    return JSON.stringify({ answer: pickOne(random, words), number: pickNumber(random, 0, 9) });
  if (constraint !== undefined) throw new HxpError("ENGINE_UNSUPPORTED", "The simulator does not know grammars.");
  const fixed = settings.answer(lastText(prompt));
  if (fixed !== undefined) return fixed;
  const length = pickNumber(random, ...settings.answerTokens);
  const made: string[] = [];
  while (made.length < length) made.push(...splitTokens(`${made.length === 0 ? "" : " "}${pickOne(random, words)}`));
  return made.slice(0, length).join("");
}

/** What a fixed answer is looked up by: the text of the last message, or the whole text. */
function lastText(prompt: Prompt): string {
  if (prompt.type === "text") return prompt.text;
  const last = prompt.messages.at(-1);
  return last === undefined ? "" : textOf(last);
}

function cutAnswer(text: string, stop: readonly string[], most: number): Pick<Answer, "tokens" | "reason"> {
  const ends = stop.map((each) => text.indexOf(each)).filter((index) => index >= 0);
  const kept = ends.length === 0 ? text : text.slice(0, Math.min(...ends));
  const tokens = splitTokens(kept);
  return { tokens: tokens.slice(0, most), reason: tokens.length > most ? "length" : "stop" };
}

function scoreToken(token: string, top: number, random: Random): ChosenLogprob {
  const first = Math.log(0.5 + random() / 2);
  const others = Array.from({ length: Math.max(0, top - 1) }, (_, index) => {
    const other = words[(hashText(token) + index) % words.length] ?? words[0];
    return { token: ` ${other}`, logprob: first - 1 - index, bytes: [...Buffer.from(` ${other}`)] };
  });
  const chosen = { token, logprob: first, bytes: [...Buffer.from(token)] };
  return { ...chosen, top: top === 0 ? [] : [chosen, ...others] };
}
