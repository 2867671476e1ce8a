import type { CallReaderOptions } from "./call-reader.ts";

/** A call as far as it came. */
interface CutCall {
  readonly name: string;
  /** How the JSON of the arguments begins; may be empty. */
  readonly arguments: string;
}

/** Calls of an answer that was cut. */
interface CutCalls {
  /** JSON of the calls that were written to their end. */
  readonly whole: readonly string[];
  /** Undefined: nothing of another one was written. */
  readonly cut: CutCall | undefined;
}

/**
 * Reads calls whose JSON the token limit has cut. A call that had to be made is one even before its name is written, where there
 * is only one tool. Undefined: what is there is no call, or one whose tool is not known.
 */
export function readCutCalls(text: string, options: CallReaderOptions): CutCalls | undefined {
  const { isList, close } = options.style;
  const { whole, rest } = splitObjects(isList ? text.replace(/^\s*\[/, "") : text);
  // What closes a call may be cut, too.
  if (whole.length > 0 && close.startsWith(rest)) return { whole, cut: undefined };
  const cut = readCut(rest, options);
  // Calls of a list that came whole are calls, whatever the cut one would have been.
  return cut === undefined && !(isList && whole.length > 0) ? undefined : { whole, cut };
}

function readCut(text: string, { style, names, isOpen }: CallReaderOptions): CutCall | undefined {
  const [head = "", quoted] = /^\{\s*"name"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(text) ?? [];
  const [only] = names;
  if (quoted === undefined) {
    return isOpen && names.size === 1 && only !== undefined ? { name: only, arguments: "" } : undefined;
  }
  const name = parseText(quoted);
  if (name === undefined || !names.has(name)) return undefined;
  const after = text.slice(head.length);
  const key = new RegExp(`^\\s*,\\s*"${style.argumentsKey}"\\s*:\\s*`).exec(after)?.[0];
  return { name, arguments: key === undefined ? "" : after.slice(key.length) };
}

function parseText(quoted: string): string | undefined {
  try {
    const value: unknown = JSON.parse(quoted);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Objects that follow each other, and what is left from the first that does not end. */
function splitObjects(text: string): { whole: readonly string[]; rest: string } {
  const whole: string[] = [];
  let rest = text.trimStart();
  for (let end = endOfObject(rest); end > 0; end = endOfObject(rest)) {
    whole.push(rest.slice(0, end));
    rest = rest.slice(end).replace(/^[\s,\]]+/, "");
  }
  return { whole, rest };
}

/** Where the object ends that a text begins with; 0: it begins with none, or with one that does not end. */
function endOfObject(text: string): number {
  if (!text.startsWith("{")) return 0;
  let depth = 0;
  for (const { 0: mark, index } of text.matchAll(/"(?:[^"\\]|\\.)*(?:"|$)|[{}]/gs)) {
    if (mark === "{") depth += 1;
    if (mark === "}") depth -= 1;
    if (mark === "}" && depth === 0) return index + 1;
  }
  return 0;
}
