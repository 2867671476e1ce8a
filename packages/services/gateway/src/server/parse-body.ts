import { HxpError } from "@hxp/errors";

const quote = 34;
const backslash = 92;

/** A JSON object without a prototype. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Parses a body that must be a JSON object. Throws REQUEST_INVALID when it is none, is nested deeper than `maxDepth`, has a key twice at its top,
 * or a key `__proto__` anywhere: two programs could read such a body in two ways.
 */
export function parseBody(raw: Buffer, maxDepth: number): JsonObject {
  const text = raw.toString("utf8");
  const members = countMembers(text, maxDepth);
  const parsed = parse(text);
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw invalid("The body must be a JSON object.");
  }
  if (mayHaveProto(text) && hasProto(parsed)) throw invalid("The body has a key __proto__.");
  const body: Record<string, unknown> = Object.assign(Object.create(null), parsed);
  if (Object.keys(body).length !== members) throw invalid("The body has a key twice.");
  return body;
}

/** Counts the members of the object at the top, and refuses deep nesting before anything is built of it. */
function countMembers(text: string, maxDepth: number): number {
  let depth = 0;
  let members = 0;
  for (let index = 0; index < text.length; index += 1) {
    switch (text.charCodeAt(index)) {
      case quote:
        index = endOfString(text, index);
        break;
      case 123: // {
      case 91: // [
        depth += 1;
        if (depth > maxDepth) throw invalid(`The body is nested deeper than ${maxDepth} levels.`);
        break;
      case 125: // }
      case 93: // ]
        depth -= 1;
        break;
      case 58: // :
        if (depth === 1) members += 1;
        break;
    }
  }
  return members;
}

/** The index of the quote that ends a string; the text's length where there is none. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, index: number): boolean {
  let first = index;
  while (text.charCodeAt(first - 1) === backslash) first -= 1;
  return (index - first) % 2 === 1;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What the parser says repeats parts of the body.
    throw invalid("The body is not JSON.");
  }
}

/** Whether it is worth to look at each key: the name stands there, or an escape that may spell it. */
function mayHaveProto(text: string): boolean {
  return text.includes("__proto__") || text.includes(String.raw`\u00`);
}

function hasProto(value: object): boolean {
  if (Object.hasOwn(value, "__proto__")) return true;
  return Object.values(value).some((child: unknown) => typeof child === "object" && child !== null && hasProto(child));
}

function invalid(message: string): HxpError {
  return new HxpError("REQUEST_INVALID", message);
}
