import type { AnyNode, CallExpression, NewExpression } from "acorn";
import { followValue } from "./follow-value.ts";
import type { ParsedCode } from "./parse-code.ts";

/** A call or `new` of a function. */
export interface NamedCall {
  node: CallExpression | NewExpression;
  /** The function's own name, whatever it is called here. */
  name: string;
}

/**
 * Finds calls of functions that are named so: as a name or as a property of anything, and as what an import, an
 * assignment or a pattern renames. What comes back from another function, such as `bind`, is not followed.
 */
export function findCalls(code: ParsedCode, names: RegExp): NamedCall[] {
  const found = new Map<AnyNode, NamedCall>();
  for (const node of code.nodes) {
    const name = isCalling(node) ? nameOf(node.callee) : undefined;
    if (isCalling(node) && name !== undefined && names.test(name)) found.set(node, { node, name });
  }
  const globals = [...code.globals].flatMap(([name, values]) => (names.test(name) ? [{ name, values }] : []));
  for (const { name, values } of [...globals, ...code.nodes.flatMap((node) => valuesAt(code, node, names))]) {
    for (const node of followValue(code, values).calls) if (isCalling(node)) found.set(node, { node, name });
  }
  return [...found.values()];
}

/** Whether a node calls something, with `new` or without. */
export function isCalling(node: AnyNode): node is CallExpression | NewExpression {
  return node.type === "CallExpression" || node.type === "NewExpression";
}

interface NamedValues {
  name: string;
  values: readonly AnyNode[];
}

/** What stands for functions of these names: imports and properties. */
function valuesAt(code: ParsedCode, node: AnyNode, names: RegExp): NamedValues[] {
  if (node.type === "ImportSpecifier") {
    const name = nameOf(node.imported);
    return name !== undefined && names.test(name) ? [{ name, values: code.readsOf(node.local) }] : [];
  }
  if (node.type === "MemberExpression") {
    const name = nameOf(node);
    return name !== undefined && names.test(name) ? [{ name, values: [node] }] : [];
  }
  if (node.type !== "ObjectPattern") return [];
  return node.properties.flatMap((property): NamedValues[] => {
    const name = property.type === "Property" ? nameOf(property.key) : undefined;
    if (property.type !== "Property" || name === undefined || !names.test(name)) return [];
    const { value } = property;
    const target = value.type === "AssignmentPattern" ? value.left : value;
    return target.type === "Identifier" ? [{ name, values: code.readsOf(target) }] : [];
  });
}

function nameOf(node: AnyNode): string | undefined {
  if (node.type === "Identifier") return node.name;
  return node.type === "MemberExpression" && node.property.type === "Identifier" ? node.property.name : undefined;
}
