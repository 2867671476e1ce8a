import { createSecret, type Secret } from "./secret.ts";

/** The whole text of a reference; schemas give it to editors. */
export const referencePattern = "^\\$\\{(?:env:[A-Za-z_][A-Za-z0-9_]*|file:/[^{}\\u0000-\\u001f]+)\\}$";

const reference = new RegExp(referencePattern);

/** What a text of a config turns out to be. */
export type ReadText = { kind: "text"; text: string } | { kind: "secret"; secret: Secret } | { kind: "invalid" };

/**
 * Reads a text of a config: one whole `${env:NAME}` or `${file:/path}` is a secret, `$${` stands for `${`, and any
 * other `${` is invalid, so that a mistyped reference is never taken for a text.
 */
export function readText(text: string): ReadText {
  if (!text.includes("${")) return { kind: "text", text };
  if (reference.test(text)) return { kind: "secret", secret: toSecret(text.slice(2, -1)) };
  if (/(?<!\$)\$\{/.test(text)) return { kind: "invalid" };
  return { kind: "text", text: text.replaceAll("$${", () => "${") };
}

function toSecret(body: string): Secret {
  const colon = body.indexOf(":");
  const rest = body.slice(colon + 1);
  return createSecret(body.startsWith("env:") ? { kind: "env", name: rest } : { kind: "file", path: rest });
}

/** Writes a text so that {@link readText} gives it back. */
export function escapeText(text: string): string {
  return text.replaceAll("${", () => "$${");
}
