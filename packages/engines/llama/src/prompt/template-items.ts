import { createHash } from "node:crypto";
import type { ContentPart, Message, Tool, ToolCall } from "@hxp/engine";
import { HxpError } from "@hxp/errors";
import { describeTools, toFunction, type ToolStyle, writeCalls } from "../tools/tool-style.ts";

/** A message in the form that templates take. */
export type TemplateMessage = Readonly<Record<string, unknown>>;

const roles = new Set(["system", "developer", "user", "assistant", "tool"]);
const mistralIdLength = 9;

/** Turns messages into what a template takes. Throws ENGINE_REQUEST_INVALID and ENGINE_UNSUPPORTED. */
export function toTemplateMessages(
  messages: readonly Message[],
  { style, tools }: { style: ToolStyle; tools: readonly Tool[] },
): readonly TemplateMessage[] {
  if (messages.length === 0) throw invalid("has no messages, expected at least one");
  if (style.isInTemplate) return messages.map((message) => toTemplateMessage(message, style));
  const written = messages.map(writeOut);
  return tools.length === 0 ? written : withSystemText(written, describeTools(tools));
}

/** The tools in the form that templates take; none where the template does not know them. */
export function toTemplateTools(tools: readonly Tool[], style: ToolStyle): readonly object[] {
  return style.isInTemplate ? tools.map(toFunction) : [];
}

function toTemplateMessage(message: Message, style: ToolStyle): TemplateMessage {
  const calls = message.toolCalls ?? [];
  return {
    ...basicsOf(message),
    ...(message.name === undefined ? {} : { name: message.name }),
    ...(calls.length === 0 ? {} : { tool_calls: calls.map((call) => toTemplateCall(call, style)) }),
    ...(message.toolCallId === undefined ? {} : { tool_call_id: toTemplateId(message.toolCallId, style) }),
  };
}

function basicsOf(message: Message): { role: string; content: string } {
  if (!roles.has(message.role)) throw invalid(`has a message with the role ${JSON.stringify(message.role)}`);
  return { role: message.role === "developer" ? "system" : message.role, content: textOf(message.content) };
}

function textOf(content: Message["content"]): string {
  if (content === null) return "";
  return typeof content === "string" ? content : content.map(textOfPart).join("");
}

function textOfPart(part: ContentPart): string {
  if (part.type === "text") return part.text;
  throw new HxpError(
    "ENGINE_UNSUPPORTED",
    `The llama engine reads text, not a message's part of the type ${part.type}`,
  );
}

function toTemplateCall(call: ToolCall, style: ToolStyle): object {
  return {
    id: toTemplateId(call.id, style),
    type: "function",
    function: { name: call.name, arguments: parseArguments(call.arguments) },
  };
}

/** Mistral's templates refuse ids of another length. */
function toTemplateId(id: string, style: ToolStyle): string {
  if (style.name !== "mistral" || /^[A-Za-z0-9]{9}$/.test(id)) return id;
  return createHash("sha256").update(id).digest("hex").slice(0, mistralIdLength);
}

function parseArguments(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** For templates that know no tools: calls and their results as plain text of the roles that every template knows. */
function writeOut(message: Message): { role: string; content: string } {
  const { role, content } = basicsOf(message);
  if (role === "tool") return { role: "user", content: `<tool_response>\n${content}\n</tool_response>` };
  const calls = message.toolCalls ?? [];
  if (calls.length === 0) return { role, content };
  return { role, content: [content, writeCalls(calls)].filter((text) => text !== "").join("\n") };
}

function withSystemText(
  messages: readonly { role: string; content: string }[],
  text: string,
): readonly TemplateMessage[] {
  const [first, ...rest] = messages;
  if (first?.role !== "system") return [{ role: "system", content: text }, ...messages];
  return [{ role: "system", content: `${first.content}\n\n${text}` }, ...rest];
}

function invalid(problem: string): HxpError {
  return new HxpError("ENGINE_REQUEST_INVALID", `The request ${problem}`);
}
