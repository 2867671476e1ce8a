import type { AnyNode, TemplateLiteral } from "acorn";
import type { ParsedCode } from "./parse-code.ts";

/** Constants inside constants inside constants are a maze on purpose. */
const maximumDepth = 8;

/**
 * The text that an expression always has: a literal, a sum of literals, or a name that only ever stands for one.
 * Undefined when only the running program knows it.
 */
export function readText(code: ParsedCode, node: AnyNode | null | undefined, depth = 0): string | undefined {
  if (node === null || node === undefined || depth > maximumDepth) return undefined;
  if (node.type === "Literal") return typeof node.value === "string" ? node.value : undefined;
  if (node.type === "Identifier") return readText(code, code.valueOf(node), depth + 1);
  if (node.type === "TemplateLiteral") return joinTexts(partsOf(node).map((part) => readPart(code, part, depth)));
  const isSum = node.type === "BinaryExpression" && node.operator === "+";
  return isSum ? joinTexts([node.left, node.right].map((side) => readText(code, side, depth + 1))) : undefined;
}

/** Texts and expressions of a template, in turn. */
function partsOf({ quasis, expressions }: TemplateLiteral): AnyNode[] {
  return quasis.flatMap((quasi, index): AnyNode[] => [quasi, ...expressions.slice(index, index + 1)]);
}

function readPart(code: ParsedCode, part: AnyNode, depth: number): string | undefined {
  return part.type === "TemplateElement" ? (part.value.cooked ?? undefined) : readText(code, part, depth + 1);
}

function joinTexts(texts: (string | undefined)[]): string | undefined {
  return texts.some((text) => text === undefined) ? undefined : texts.join("");
}
