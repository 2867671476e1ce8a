import type { ContentPart, Message, ToolCall } from "@hxp/engine";
import {
  invalid,
  type Json,
  missing,
  readList,
  readObject,
  readText,
  requireText,
  show,
  toObject,
  unsupported,
  valueOf,
} from "./read-fields.ts";

/** Reads the messages of a conversation. Throws MODEL_REQUEST_INVALID or MODEL_UNSUPPORTED. */
export function readMessages(body: Json): readonly Message[] {
  const list = readList(body, "messages");
  if (list === undefined) throw missing("messages");
  if (list.length === 0) throw invalid("messages", "Invalid value for 'messages': [], expected at least one message.");
  return list.map((item, index) => readMessage(toObject(item, `messages[${index}]`), `messages[${index}]`));
}

const roles = ["system", "developer", "user", "assistant", "tool"] as const;

function readMessage(message: Json, path: string): Message {
  const role = roles.find((each) => each === message["role"]);
  if (role === undefined) return refuseRole(message, path);
  const content = readContent(message, path);
  const name = readText(message, "name", `${path}.name`);
  const toolCalls = role === "assistant" ? readToolCalls(message, path) : [];
  if (content === null && toolCalls.length === 0 && role !== "assistant") throw missing(`${path}.content`);
  return {
    role,
    content: content ?? (role === "assistant" ? (readText(message, "refusal", `${path}.refusal`) ?? null) : null),
    ...(name === undefined ? {} : { name }),
    ...(toolCalls.length === 0 ? {} : { toolCalls }),
    ...(role === "tool" ? { toolCallId: requireText(message, "tool_call_id", `${path}.tool_call_id`) } : {}),
  };
}

function refuseRole(message: Json, path: string): never {
  const role = requireText(message, "role", `${path}.role`);
  if (role === "function") throw unsupported(`${path}.role`, "It was replaced by the role 'tool'.");
  throw invalid(
    `${path}.role`,
    `Invalid value for '${path}.role': ${show(role)}, expected one of ${roles.join(", ")}.`,
  );
}

function readContent(message: Json, path: string): Message["content"] {
  const content = valueOf(message, "content");
  if (content === undefined) return null;
  if (typeof content === "string") return content;
  if (Array.isArray(content)) {
    return content.map((part, index) =>
      readPart(toObject(part, `${path}.content[${index}]`), `${path}.content[${index}]`),
    );
  }
  throw invalid(
    `${path}.content`,
    `Invalid value for '${path}.content': ${show(content)}, expected a string or a list.`,
  );
}

function readPart(part: Json, path: string): ContentPart {
  const type = requireText(part, "type", `${path}.type`);
  if (type === "text") return { type, text: requireText(part, "text", `${path}.text`) };
  if (type === "refusal") return { type: "text", text: requireText(part, "refusal", `${path}.refusal`) };
  if (type === "image_url") {
    const image = readObject(part, "image_url", `${path}.image_url`) ?? {};
    return { type, image_url: { url: requireText(image, "url", `${path}.image_url.url`) } };
  }
  if (type === "input_audio" || type === "file")
    throw unsupported(`${path}.type`, `models here do not read ${show(type)}.`);
  throw invalid(`${path}.type`, `Invalid value for '${path}.type': ${show(type)}, expected text or image_url.`);
}

function readToolCalls(message: Json, path: string): readonly ToolCall[] {
  const list = readList(message, "tool_calls", `${path}.tool_calls`) ?? [];
  return list.map((item, index) => {
    const at = `${path}.tool_calls[${index}]`;
    const call = toObject(item, at);
    const inner = readObject(call, "function", `${at}.function`);
    if (inner === undefined) throw missing(`${at}.function`);
    return {
      id: requireText(call, "id", `${at}.id`),
      name: requireText(inner, "name", `${at}.function.name`),
      arguments: requireText(inner, "arguments", `${at}.function.arguments`),
    };
  });
}
