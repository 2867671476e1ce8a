import type {
  Constraint,
  ContentPart,
  GenerateRequest,
  Message,
  Prompt,
  Sampling,
  Tool,
  ToolChoice,
} from "@hxp/engine";
import { HxpError } from "@hxp/errors";

type Json = Readonly<Record<string, unknown>>;

/** A request for text, as far as the simulator reads it: what it does not know it passes over, as vLLM does. */
export interface TextRequest {
  readonly type: "chat" | "completion";
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly continuousUsage: boolean;
  /** One for each answer, in the order of their indexes. */
  readonly requests: readonly Omit<GenerateRequest, "id">[];
}

/** Reads a body of `/v1/chat/completions` or `/v1/completions`. Throws ENGINE_REQUEST_INVALID. */
export function readTextRequest(type: TextRequest["type"], body: Json): TextRequest {
  const options = toJson(body["stream_options"]);
  const includeUsage = options["include_usage"] === true;
  const shared = readShared(type, body);
  const prompts = type === "chat" ? [readChat(body)] : readTexts(body["prompt"], "prompt").map(toPrompt);
  const count = toNumber(body["n"]) ?? 1;
  return {
    type,
    stream: body["stream"] === true,
    includeUsage,
    continuousUsage: includeUsage && options["continuous_usage_stats"] === true,
    requests: prompts.flatMap((prompt) => Array.from({ length: count }, () => ({ ...shared, prompt }))),
  };
}

/** Reads one text or a list of them. */
export function readTexts(value: unknown, name: string): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length > 0 && list.every((each): each is string => typeof each === "string")) return list;
  throw invalid(`${name} must be a string or a list of strings`);
}

/** A JSON object, or an empty one in place of anything else. */
export function toJson(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function invalid(message: string): HxpError {
  return new HxpError("ENGINE_REQUEST_INVALID", message);
}

function toPrompt(text: string): Prompt {
  return { type: "text", text };
}

function readShared(type: TextRequest["type"], body: Json): Omit<GenerateRequest, "id" | "prompt"> {
  const maxTokens =
    toNumber(body["max_completion_tokens"]) ?? toNumber(body["max_tokens"]) ?? (type === "chat" ? undefined : 16);
  const top = readTop(type, body);
  const constraint = readConstraint(toJson(body["response_format"]));
  const stop = body["stop"] === undefined || body["stop"] === null ? [] : readTexts(body["stop"], "stop");
  return {
    sampling: readSampling(body),
    stop,
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(top === undefined ? {} : { topLogprobs: top }),
    ...(constraint === undefined ? {} : { constraint }),
  };
}

function readTop(type: TextRequest["type"], body: Json): number | undefined {
  if (type === "completion") return toNumber(body["logprobs"]);
  return body["logprobs"] === true ? (toNumber(body["top_logprobs"]) ?? 0) : undefined;
}

function readSampling(body: Json): Sampling {
  const seed = toNumber(body["seed"]);
  return {
    temperature: toNumber(body["temperature"]) ?? 1,
    topP: toNumber(body["top_p"]) ?? 1,
    topK: toNumber(body["top_k"]) ?? 0,
    minP: toNumber(body["min_p"]) ?? 0,
    presencePenalty: toNumber(body["presence_penalty"]) ?? 0,
    frequencyPenalty: toNumber(body["frequency_penalty"]) ?? 0,
    ...(seed === undefined ? {} : { seed }),
  };
}

function readConstraint(format: Json): Constraint | undefined {
  if (format["type"] === "json_object") return { type: "json" };
  if (format["type"] !== "json_schema") return undefined;
  return { type: "json_schema", schema: toJson(toJson(format["json_schema"])["schema"]) };
}

function readChat(body: Json): Prompt {
  const list = body["messages"];
  if (!Array.isArray(list) || list.length === 0) throw invalid("messages must be a list of at least one message");
  const messages = list.map((item: unknown) => readMessage(toJson(item)));
  const tools = Array.isArray(body["tools"])
    ? body["tools"].map((tool: unknown) => readTool(toJson(toJson(tool)["function"])))
    : [];
  if (tools.length === 0) return { type: "chat", messages };
  return { type: "chat", messages, tools, toolChoice: readToolChoice(body["tool_choice"]) };
}

const roles = ["system", "developer", "user", "assistant", "tool"] as const;

function readMessage(message: Json): Message {
  const role = roles.find((each) => each === message["role"]);
  if (role === undefined) throw invalid(`a message has the role ${JSON.stringify(message["role"])}`);
  const content = message["content"];
  const isContent = typeof content === "string" || Array.isArray(content);
  const calls: readonly unknown[] = Array.isArray(message["tool_calls"]) ? message["tool_calls"] : [];
  return {
    role,
    content: isContent ? (content as string | ContentPart[]) : null,
    ...(calls.length === 0 ? {} : { toolCalls: calls.map((call) => readCall(toJson(call))) }),
  };
}

function readCall(call: Json): { id: string; name: string; arguments: string } {
  const inner = toJson(call["function"]);
  return { id: toText(call["id"]), name: toText(inner["name"]), arguments: toText(inner["arguments"]) };
}

function readTool(tool: Json): Tool {
  return {
    name: toText(tool["name"]),
    description: toText(tool["description"]),
    parameters: toJson(tool["parameters"]),
  };
}

function readToolChoice(choice: unknown): ToolChoice {
  if (choice === "none" || choice === "required") return choice;
  const name = toJson(toJson(choice)["function"])["name"];
  return typeof name === "string" ? { name } : "auto";
}

function toText(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function toNumber(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
