import { parseExpression } from "./parse-expression.ts";

/** What a manifest says about its licence. */
export type LicenceStatement =
  | { kind: "expression"; expression: string }
  /** The deprecated `licenses` array: all that is in it, because it never said whether it means AND or OR. */
  | { kind: "list"; expressions: string[] }
  | { kind: "file"; file: string }
  | { kind: "unlicensed" }
  | { kind: "invalid"; text: string }
  | { kind: "missing" };

/** Reads `license`, or else the deprecated `licenses`, of a manifest; takes any shape. */
export function readStatement(manifest: { license?: unknown; licenses?: unknown }): LicenceStatement {
  const stated = textOf(manifest.license);
  if (stated !== undefined) return parseStatement(stated);
  if (!Array.isArray(manifest.licenses)) return parseStatement(textOf(manifest.licenses) ?? "");
  const texts = manifest.licenses.map((licence) => textOf(licence) ?? "");
  const [first, ...rest] = texts;
  if (first === undefined) return { kind: "missing" };
  if (rest.length === 0) return parseStatement(first);
  const invalid = texts.find((text) => parseExpression(text) === undefined);
  return invalid === undefined ? { kind: "list", expressions: texts } : { kind: "invalid", text: texts.join(", ") };
}

/** Reads the text of a licence field: an SPDX expression, `SEE LICENSE IN <file>`, or `UNLICENSED`. */
export function parseStatement(text: string): LicenceStatement {
  const trimmed = text.trim();
  if (trimmed === "") return { kind: "missing" };
  if (trimmed === "UNLICENSED") return { kind: "unlicensed" };
  const file = /^SEE LICEN[CS]E IN (.+)$/i.exec(trimmed)?.[1];
  if (file !== undefined) return { kind: "file", file };
  if (parseExpression(trimmed) === undefined) return { kind: "invalid", text: trimmed };
  return { kind: "expression", expression: trimmed };
}

/** Prints a statement as a licence field has it. */
export function printStatement(statement: LicenceStatement): string {
  if (statement.kind === "expression") return statement.expression;
  if (statement.kind === "list") return statement.expressions.join(", ");
  if (statement.kind === "file") return `SEE LICENSE IN ${statement.file}`;
  if (statement.kind === "invalid") return statement.text;
  return statement.kind === "missing" ? "none" : "UNLICENSED";
}

/** A licence is a text, or, in old manifests, an object with its type. */
function textOf(licence: unknown): string | undefined {
  if (typeof licence === "string") return licence;
  if (typeof licence !== "object" || licence === null) return undefined;
  const { type, name } = licence as { type?: unknown; name?: unknown };
  if (typeof type === "string") return type;
  return typeof name === "string" ? name : undefined;
}
