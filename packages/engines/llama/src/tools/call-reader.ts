import type { ToolCall } from "@hxp/engine";
import { heldLength } from "../text/stop-filter.ts";
import { readCutCalls } from "./read-cut-calls.ts";
import type { ToolStyle } from "./tool-style.ts";

/** Text, or a call, in the order in which a model wrote them. */
export type AnswerPart =
  | { readonly type: "text"; readonly text: string }
  /** `isCut`: the arguments are no whole JSON, as the answer has ended in them. */
  | { readonly type: "call"; readonly call: ToolCall; readonly isCut?: true };

/** Finds calls of tools in an answer that comes piece by piece. */
export interface CallReader {
  /** More text; returns what is decided by it. */
  push(text: string): readonly AnswerPart[];
  /** The answer has ended, by the model's will or because the token limit cut it; returns the rest. */
  end(by: "model" | "limit"): readonly AnswerPart[];
}

/** What {@link createCallReader} takes. */
export interface CallReaderOptions {
  readonly style: ToolStyle;
  /** Names of the tools that may be called: a call of another is text. */
  readonly names: ReadonlySet<string>;
  /** Whether the answer begins inside a call that must be made, because the prompt has opened it: then none of it is text. */
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
  /** White space before a call: it is dropped, unless the call is none. */
  let gap = "";
  let hasText = false;

  const close = (end: number, by: "model" | "limit"): readonly AnswerPart[] => {
    const inside = held.slice(0, end);
    const isWhole = end < held.length;
    held = held.slice(end + style.close.length);
    isInside = false;
    const calls = parseCalls(inside, options);
    if (calls !== undefined) return calls.map((call) => ({ type: "call", call }));
    const cut = by === "limit" ? toCutParts(inside, options) : undefined;
    if (cut !== undefined) return cut;
    return toText(`${gap}${style.open}${inside}${isWhole ? style.close : ""}`);
  };

  const open = (start: number): readonly AnswerPart[] => {
    const before = held.slice(0, start);
    const text = before.trimEnd();
    gap = before.slice(text.length);
    held = held.slice(start + style.open.length);
    isInside = true;
    return toText(text);
  };

  const next = (): readonly AnswerPart[] | undefined => {
    if (isInside) {
      const end = style.close === "" ? -1 : held.indexOf(style.close);
      return end < 0 ? undefined : close(end, "model");
    }
    const start = startOf(held, style);
    // Without an opening, only a whole answer is a call.
    return start < 0 || (style.open === "" && hasText) ? undefined : open(start);
  };

  return {
    push: (text) => {
      held += text;
      const parts: AnswerPart[] = [];
      for (let found = next(); found !== undefined; found = next()) parts.push(...found);
      if (isInside) return parts;
      const length = hasText && style.open === "" ? 0 : undecidedLength(held, style);
      const decided = held.slice(0, held.length - length);
      held = held.slice(held.length - length);
      hasText ||= decided !== "";
      return [...parts, ...toText(decided)];
    },
    end: (by) => {
      if (isInside) return close(held.length, by);
      const rest = held;
      held = "";
      return toText(rest);
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

function parseCalls(text: string, options: CallReaderOptions): readonly ToolCall[] | undefined {
  const values = parseJson(text);
  const list = Array.isArray(values) ? values : [values];
  const calls = list.map((value) => toCall(value, options));
  return calls.length > 0 && calls.every((call) => call !== undefined) ? calls : undefined;
}

/** Calls of an answer that the token limit has cut; undefined: it has none. */
function toCutParts(text: string, options: CallReaderOptions): readonly AnswerPart[] | undefined {
  const found = readCutCalls(text, options);
  if (found === undefined) return options.isOpen ? [] : undefined;
  const whole = found.whole.map((json) => toCall(parseJson(json), options));
  if (whole.includes(undefined)) return undefined;
  const calls = whole.flatMap((call): AnswerPart[] => (call === undefined ? [] : [{ type: "call", call }]));
  const { cut } = found;
  return cut === undefined
    ? calls
    : [...calls, { type: "call", call: { id: options.createId(), ...cut }, isCut: true }];
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
