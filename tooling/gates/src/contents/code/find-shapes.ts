import type { AnyNode } from "acorn";
import type { ParsedCode } from "./parse-code.ts";

/** Ways in which code is written so that nobody can read it. */
export const shapes = ["minified", "obfuscated", "encoded", "packed", "invisible"] as const;

/** One of {@link shapes}. */
export type Shape = (typeof shapes)[number];

/** A shape that a file has. */
export interface ShapeSighting {
  shape: Shape;
  /** What was seen and how much of it. */
  evidence: string;
  /** Counted from 1. */
  line: number;
}

/** Characters from which a text counts as a blob: no key, digest or certificate that belongs into code is longer. */
const blobLength = 1000;
/** Elements from which a list of bytes counts as a blob. */
const blobElements = 500;
/** Names like `_0x3fa2` from which code counts as the work of an obfuscator. */
const obfuscatedNames = 5;

/** Finds blobs and obfuscated names in code. */
export function findShapes(code: ParsedCode): ShapeSighting[] {
  return [...obfuscated(code), ...code.nodes.flatMap(shapesAt)];
}

function obfuscated({ nodes }: ParsedCode): ShapeSighting[] {
  const named = nodes.filter((node) => node.type === "Identifier" && /^_0x[0-9a-f]{3,}$/i.test(node.name));
  if (named.length < obfuscatedNames) return [];
  return [sight("obfuscated", `${named.length} names like _0x3fa2`, named[0])];
}

function shapesAt(node: AnyNode): ShapeSighting[] {
  if (node.type === "Literal" && typeof node.value === "string") return textShapes(node.value, node.raw ?? "", node);
  if (node.type === "TemplateElement") return textShapes(node.value.cooked ?? "", node.value.raw, node);
  if (node.type === "ArrayExpression" && node.elements.length >= blobElements && node.elements.every(isByte)) {
    return [sight("encoded", `a list of ${node.elements.length} bytes`, node)];
  }
  return [];
}

function textShapes(value: string, raw: string, node: AnyNode): ShapeSighting[] {
  if (value.length >= blobLength && /^(?:[0-9a-f]+|[A-Za-z0-9+/_-]+={0,2})$/i.test(value)) {
    return [sight("encoded", `a text of ${value.length} base64 or hexadecimal characters`, node)];
  }
  // Letters need no escapes: who writes `\x68\x74\x74\x70` does not want to be found by searching for http.
  const escapes = raw.match(/\\x[2-7][0-9a-f]|\\u00[2-7][0-9a-f]|\\u\{[2-7][0-9a-f]\}/gi)?.length ?? 0;
  if (escapes >= 16 && escapes * 2 > value.length) {
    return [sight("obfuscated", `${escapes} plain letters written as escapes`, node)];
  }
  return [];
}

function isByte(node: AnyNode | null): boolean {
  return node?.type === "Literal" && typeof node.value === "number" && node.value >= 0 && node.value <= 255;
}

function sight(shape: Shape, evidence: string, node: AnyNode | undefined): ShapeSighting {
  return { shape, evidence, line: node?.loc?.start.line ?? 1 };
}
