import type { AnyNode, CallExpression, MemberExpression } from "acorn";
import type { Sighting } from "./find-capabilities.ts";
import { findGlobals, followGlobalObject } from "./find-globals.ts";
import { followValue } from "./follow-value.ts";
import type { ParsedCode } from "./parse-code.ts";
import { readText } from "./read-text.ts";

/** Finds ways to run a text as code that no name of a module or global shows by itself. */
export function findEvaluations(code: ParsedCode): Sighting[] {
  return [
    ...functionsOfText(code),
    ...computedGlobals(code),
    ...code.nodes.flatMap((node) => evaluationsAt(code, node)),
  ];
}

/** `new Function(…)` and `Function(…)`; `instanceof Function` and `Function.prototype` are harmless. */
function functionsOfText(code: ParsedCode): Sighting[] {
  const { calls, others } = followValue(code, findGlobals(code, "Function"));
  const passed = others.filter((node) => code.parentOf(node)?.type !== "BinaryExpression");
  return [...calls, ...passed].map((node) => ({ capability: "eval", evidence: "Function", node }));
}

/** `globalThis[name]`, which reaches every global without naming one. */
function computedGlobals(code: ParsedCode): Sighting[] {
  return followGlobalObject(code)
    .members.filter(({ name, node }) => name === undefined && node.type === "MemberExpression")
    .map(({ node }) => ({ capability: "eval", evidence: "globalThis[…]", node }));
}

function evaluationsAt(code: ParsedCode, node: AnyNode): Sighting[] {
  if (node.type === "MemberExpression") {
    return isFunctionConstructor(code, node) ? [sight("constructor of a function", node)] : [];
  }
  if (node.type !== "CallExpression") return [];
  const { callee } = node;
  if (callee.type === "Identifier") return isTimerOfText(code, node) ? [sight("a timer with a text", node)] : [];
  if (callee.type !== "MemberExpression") return [];
  const name = callee.computed ? readText(code, callee.property) : nameOf(callee.property);
  // `f.constructor("text")` is Function by another name; `new this.constructor()` makes one more of the same.
  if (name === "constructor" && node.arguments.length > 0) return [sight("constructor(…)", node)];
  return methods.filter((method) => method.name === name).map((method) => ({ ...method, node }));
}

/** Methods that nothing else is called, and what a call of them is. */
const methods = [
  { name: "_compile", capability: "eval", evidence: "module._compile" },
  { name: "dlopen", capability: "native", evidence: "process.dlopen" },
  { name: "_linkedBinding", capability: "native", evidence: "process._linkedBinding" },
] as const;

/** `(async () => {}).constructor`, also by way of its prototype: Function and its kin, which have no name of their own. */
function isFunctionConstructor(code: ParsedCode, { object, computed, property }: MemberExpression): boolean {
  const name = computed ? readText(code, property) : nameOf(property);
  if (name !== "constructor") return false;
  const owner = object.type === "CallExpression" ? (object.arguments[0] ?? object) : object;
  return owner.type === "FunctionExpression" || owner.type === "ArrowFunctionExpression";
}

function isTimerOfText(code: ParsedCode, { callee, arguments: [first] }: CallExpression): boolean {
  const isTimer = callee.type === "Identifier" && /^(?:setTimeout|setInterval|setImmediate)$/.test(callee.name);
  return isTimer && readText(code, first) !== undefined;
}

function nameOf(node: AnyNode): string | undefined {
  return node.type === "Identifier" ? node.name : undefined;
}

function sight(evidence: string, node: AnyNode): Sighting {
  return { capability: "eval", evidence, node };
}
