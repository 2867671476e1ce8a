import { redact } from "@hxp/errors";
import { describeError } from "./describe-error.ts";

/** Names, without case, `_` and `-`, whose values are secrets. */
const secretNames = new Set([
  "authorization",
  "proxyauthorization",
  "cookie",
  "setcookie",
  "xapikey",
  "apikey",
  "password",
  "passwd",
  "passphrase",
  "secret",
  "clientsecret",
  "token",
  "accesstoken",
  "refreshtoken",
  "pepper",
  "privatekey",
  "credentials",
]);

/** Names whose values are what people ask and models answer. */
const contentNames = new Set([
  "prompt",
  "prompts",
  "messages",
  "content",
  "input",
  "inputs",
  "output",
  "outputs",
  "completion",
  "completions",
  "choices",
  "delta",
  "body",
  "arguments",
  "embedding",
  "embeddings",
  "logprobs",
]);

/** Fields that the logger itself writes; nothing else may speak in their name. */
export const reservedFields: ReadonlySet<string> = new Set([
  "level",
  "time",
  "service",
  "version",
  "pid",
  "host",
  "message",
]);

const maxDepth = 6;
const maxEntries = 100;
const maxText = 8_192;

/**
 * Makes the fields of a log line fit to be written: secrets become `***`, content of requests `[content]` (with its length), errors
 * become plain objects, what is too deep or long is cut, and names that are the logger's own get a `_` at the end.
 */
export function cleanFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const cleaned: Record<string, unknown> = {};
  let count = 0;
  for (const name in fields) {
    if (!Object.hasOwn(fields, name)) continue;
    cleaned[classify(name).written] = cleanNamed(name, fields[name], 1);
    if ((count += 1) === maxEntries) break;
  }
  return cleaned;
}

/** Masks secrets in a text, and cuts it. No secret fits into fewer than eight characters with what announces it. */
export function cleanText(text: string): string {
  if (text.length < 8) return text;
  return redact(text.length > maxText ? `${text.slice(0, maxText)}…` : text);
}

interface FieldName {
  /** As the line has it. */
  written: string;
  holds: "secret" | "content" | "fact";
}

/** What names mean, for those that come again and again: each request writes the same ones. */
const known = new Map<string, FieldName>();
const maxKnown = 1_000;

function classify(name: string): FieldName {
  const found = known.get(name);
  if (found !== undefined) return found;
  const plain = name.toLowerCase().replaceAll(/[_-]/g, "");
  const holds = secretNames.has(plain) ? "secret" : contentNames.has(plain) ? "content" : "fact";
  const made: FieldName = { written: toFieldName(name), holds };
  if (known.size < maxKnown && name.length <= 64) known.set(name, made);
  return made;
}

/** pino writes top-level names as they are, so one with a quote or a line break would forge fields or lines. */
function toFieldName(name: string): string {
  const safe = /^[\w.-]+$/.test(name) ? name : JSON.stringify(redact(name)).slice(1, -1);
  return reservedFields.has(safe) ? `${safe}_` : safe;
}

function cleanNamed(name: string, value: unknown, depth: number): unknown {
  const isCount = typeof value === "number" || typeof value === "boolean" || value === null || value === undefined;
  if (isCount) return value;
  const { holds } = classify(name);
  if (holds === "secret") return "***";
  if (holds === "content") return typeof value === "string" ? `[content, ${value.length}]` : "[content]";
  return clean(value, depth);
}

function clean(value: unknown, depth: number): unknown {
  if (typeof value === "string") return cleanText(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return value;
  if (depth >= maxDepth) return "[deep]";
  if (value instanceof Error) return clean(describeError(value), depth);
  return cleanObject(value, depth);
}

function cleanObject(value: object, depth: number): unknown {
  if (Array.isArray(value)) return value.slice(0, maxEntries).map((item: unknown) => clean(item, depth + 1));
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Map || value instanceof Set) return `[${value.size} entries]`;
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === "function") return clean(toJSON.call(value), depth + 1);
  const entries = Object.entries(value).slice(0, maxEntries);
  return Object.fromEntries(entries.map(([name, child]) => [name, cleanNamed(name, child, depth + 1)]));
}
