import type { ToolCall } from "@hxp/engine";
import { heldLength } from "../text/stop-filter.ts";
import type { ToolStyle } from "./tool-style.ts";

/** Text, or a call, in the order in which a model wrote them. */
export type AnswerPart =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "call"; readonly call: ToolCall };

/** Finds calls of tools in an answer that comes piece by piece. */
export interface CallReader {
  /** More text; returns what is decided by it. */
  push(text: string): readonly AnswerPart[];
  /** The answer has ended; returns the rest. */
  end(): readonly AnswerPart[];
}

/** What {@link createCallReader} takes. */
export interface CallReaderOptions {
  readonly style: ToolStyle;
  /** Names of the tools that there are: a call of another is text. */
  readonly names: ReadonlySet<string>;
  /** Whether the answer begins inside a call, because the prompt has opened it. */
  readonly isOpen: boolean;
  readonly createId: () => string;
}

/** Lets all text through: for requests without tools. */
export const plainReader: CallReader = {
  push: (text) => (text === "" ? [] : [{ type: "text", text }]),
  end: () => [],
};

/** Makes a reader of one answer. What only looks like a call, but is no JSON of one, stays text. */
export function createCallReader(options: CallReaderOptions): CallReader {
  const { style } = options;
  let held = "";
  let isInside = options.isOpen;

  const next = (): readonly AnswerPart[] | undefined => {
    if (isInside) {
      const end = style.close === "" ? -1 : held.indexOf(style.close);
      if (end < 0) return undefined;
      const parts = readCalls(held.slice(0, end), options, style.close);
      held = held.slice(end + style.close.length);
      isInside = false;
      return parts;
    }
    const start = startOf(held, style);
    if (start < 0) return undefined;
    const before = held.slice(0, start);
    held = held.slice(start + style.open.length);
    isInside = true;
    return toText(before.trimEnd());
  };

  return {
    push: (text) => {
      held += text;
      const parts: AnswerPart[] = [];
      for (let found = next(); found !== undefined; found = next()) parts.push(...found);
      if (isInside) return parts;
      const length = undecidedLength(held, style);
      const decided = held.slice(0, held.length - length);
      held = held.slice(held.length - length);
      return [...parts, ...toText(decided)];
    },
    end: () => {
      const rest = held;
      held = "";
      return isInside ? readCalls(rest, options, "") : toText(rest);
    },
  };
}

/** Where a call begins; -1: nowhere yet. Without an opening, an answer is a call if it begins as JSON does. */
function startOf(text: string, style: ToolStyle): number {
  if (style.open !== "") return text.indexOf(style.open);
  return /^\s*\{/.test(text) ? 0 : -1;
}

function undecidedLength(text: string, style: ToolStyle): number {
  if (style.open === "") return text.trim() === "" ? text.length : 0;
  const length = heldLength(text, [style.open]);
  // White space before a call belongs to the call.
  return text.length - text.slice(0, text.length - length).trimEnd().length;
}

function toText(text: string): readonly AnswerPart[] {
  return text === "" ? [] : [{ type: "text", text }];
}

function readCalls(text: string, options: CallReaderOptions, close: string): readonly AnswerPart[] {
  const calls = parseCalls(text, options);
  if (calls !== undefined) return calls.map((call) => ({ type: "call", call }));
  return [{ type: "text", text: `${options.style.open}${text}${close}` }];
}

function parseCalls(text: string, options: CallReaderOptions): readonly ToolCall[] | undefined {
  const values = parseJson(text);
  const list = Array.isArray(values) ? values : [values];
  const calls = list.map((value) => toCall(value, options));
  return calls.length > 0 && calls.every((call) => call !== undefined) ? calls : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toCall(value: unknown, { style, names, createId }: CallReaderOptions): ToolCall | undefined {
  if (typeof value !== "object" || value === null || !("name" in value)) return undefined;
  const { name } = value;
  if (typeof name !== "string" || !names.has(name)) return undefined;
  const given: unknown = Object.entries(value).find(([key]) => key === style.argumentsKey)?.[1];
  return { id: createId(), name, arguments: JSON.stringify(given ?? {}) };
}
