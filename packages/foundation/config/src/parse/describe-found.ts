import { redact } from "@hxp/errors";
import { type Fields, typesOf } from "../schema/field.ts";
import { isSecret } from "../secret.ts";

/** What stands in print for a value that must not be shown. */
export const mask = "***";

const longest = 60;

/**
 * Says in words what was found: texts quoted and cut at 60 characters, collections by kind, secrets by reference, URLs
 * by their origin.
 */
export function describeFound(value: unknown, fields: Fields): string {
  if (value === undefined) return "nothing";
  if (isSecret(value)) return value.reference;
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object" && value !== null) return "a map";
  if (typeof value === "number") return String(value);
  if (typeof value !== "string") return JSON.stringify(value) ?? typeof value;
  const shown = showText(value, fields);
  return JSON.stringify(shown.length > longest ? `${shown.slice(0, longest)}…` : shown);
}

/** A text as it may be shown: what looks like a secret is masked, and of a URL that may hold one the origin is left. */
export function showText(text: string, fields: Fields): string {
  const masked = redact(text);
  if (!isRiskyUrl(text, fields)) return masked;
  const origin = /^[a-z][a-z0-9+.-]*:\/\/(?:\*{3}@)?[^\s/?#@]*/i.exec(masked)?.[0];
  return origin === undefined ? mask : `${origin}/…`;
}

/** Whether a text stands where a URL belongs and has a part in which people put credentials. */
export function isRiskyUrl(text: string, fields: Fields): boolean {
  return /[@?#]/.test(text) && fields.some(({ format }) => format === "uri");
}

/** Whether only a map or a list belongs here: a text in its place is a broken one, and may hold a secret of its keys. */
export function takesOnlyCollections(fields: Fields): boolean {
  const types = typesOf(fields);
  return (
    (types.has("object") || types.has("array")) &&
    ["string", "number", "integer", "boolean"].every((type) => !types.has(type))
  );
}
