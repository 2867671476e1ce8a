import type { AnyNode } from "acorn";
import { followValue, type ValueUses } from "./follow-value.ts";
import type { ParsedCode } from "./parse-code.ts";

const globalObjects = ["globalThis", "global", "window", "self"];

/** Expressions that stand for a global: its name where nothing else has it, or a property of the global object. */
export function findGlobals(code: ParsedCode, name: string): AnyNode[] {
  const bare = (code.globals.get(name) ?? []).filter((node) => !isTypeof(code, node));
  const taken = followGlobalObject(code).members.filter((member) => member.name === name);
  return [...bare, ...taken.flatMap(({ node, values }) => (values.length > 0 ? values : [node]))];
}

/** What a file does with the global object. */
export function followGlobalObject(code: ParsedCode): ValueUses {
  const known = followed.get(code);
  if (known !== undefined) return known;
  const uses = followValue(
    code,
    globalObjects.flatMap((name) => code.globals.get(name) ?? []),
  );
  followed.set(code, uses);
  return uses;
}

const followed = new WeakMap<ParsedCode, ValueUses>();

function isTypeof(code: ParsedCode, node: AnyNode): boolean {
  const parent = code.parentOf(node);
  return parent?.type === "UnaryExpression" && parent.operator === "typeof";
}
