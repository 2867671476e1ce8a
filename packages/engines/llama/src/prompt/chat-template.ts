import type { Message, Tool } from "@hxp/engine";
import { HxpError } from "@hxp/errors";
import type { Addon, AddonTemplate } from "../addon/addon.ts";
import type { Vocabulary } from "../text/vocabulary.ts";
import { chooseToolStyle, type ToolStyle } from "../tools/tool-style.ts";
import { requireRoom } from "./require-room.ts";
import { createMarker, splitMarked } from "./mark-controls.ts";
import { toTemplateMessages, toTemplateTools } from "./template-items.ts";

/** The template that makes a prompt of messages. */
export interface ChatTemplate {
  readonly style: ToolStyle;
  /**
   * Tokens of a conversation, with `opening` as the beginning of the answer. Only what the template writes becomes control tokens:
   * in texts of the messages they stay text. Throws ENGINE_REQUEST_INVALID when the template refuses the messages, and
   * ENGINE_CONTEXT_EXCEEDED where they are so long that no count is needed.
   */
  render(chat: Chat): Uint32Array;
}

/** What {@link ChatTemplate.render} takes. */
interface Chat {
  readonly messages: readonly Message[];
  readonly tools: readonly Tool[];
  readonly opening: string;
  /** Tokens that the context holds. */
  readonly contextLength: number;
}

/** What the add-on takes is 256; so deep is nothing that means something. */
const deepest = 128;

/** Reads a Jinja template. Throws MODEL_FILE_INVALID when it is not well-formed. */
export function readChatTemplate(addon: Addon, source: string, vocabulary: Vocabulary): ChatTemplate {
  const template = compile(addon, source);
  const style = chooseToolStyle(source);
  return {
    style,
    render: (chat) => {
      const messages = toTemplateMessages(chat.messages, { style, tools: chat.tools });
      const tools = toTemplateTools(chat.tools, style);
      const controls = [...vocabulary.controls.keys()];
      const marker = createMarker(textsOf([messages, tools]), controls);
      const rendered = render(template, {
        messages: mapTexts(messages, marker.mark),
        ...(tools.length === 0 ? {} : { tools: mapTexts(tools, marker.mark) }),
        add_generation_prompt: true,
        bos_token: vocabulary.bosText,
        eos_token: vocabulary.eosText,
      });
      requireRoom(rendered, { vocabulary, contextLength: chat.contextLength });
      const segments = splitMarked(rendered + chat.opening, marker.character, controls);
      const tokens = segments.flatMap(({ text, special }) => [...vocabulary.tokenize(text, special)]);
      return Uint32Array.from(withBos(tokens, vocabulary));
    },
  };
}

/** Puts the token before a prompt that the model wants there, unless a template has. */
export function withBos(tokens: readonly number[], { beginsWithBos, bos }: Vocabulary): readonly number[] {
  return beginsWithBos && bos !== undefined && tokens[0] !== bos ? [bos, ...tokens] : tokens;
}

function compile(addon: Addon, source: string): AddonTemplate {
  try {
    return new addon.AddonJinjaRenderer(source);
  } catch (cause) {
    throw new HxpError("MODEL_FILE_INVALID", `The chat template cannot be read: ${messageOf(cause)}`, {
      cause,
      hint: "Set chatTemplate to a Jinja template that fits the model.",
    });
  }
}

function render(template: AddonTemplate, items: Readonly<Record<string, unknown>>): string {
  try {
    return template.render(items);
  } catch (cause) {
    throw new HxpError("ENGINE_REQUEST_INVALID", `The model's template refuses the messages: ${messageOf(cause)}`, {
      cause,
      hint: "Send the roles that the model knows, in the order that it wants; some models take no system message.",
    });
  }
}

/** The last line names the problem; those before it show the template. */
function messageOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.trim().split("\n").at(-1) ?? text;
}

function textsOf(value: unknown, depth = 0): readonly string[] {
  if (depth > deepest) {
    throw new HxpError("ENGINE_REQUEST_INVALID", `The messages and tools are deeper than ${deepest} levels`);
  }
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap((item) => textsOf(item, depth + 1));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [key, ...textsOf(child, depth + 1)]);
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [change(key), mapTexts(child, change)]));
}
