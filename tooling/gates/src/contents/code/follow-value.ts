import type { AnyNode, Pattern } from "acorn";
import { readText } from "./read-text.ts";
import type { ParsedCode } from "./parse-code.ts";

/** One way in which a value is used. */
export interface MemberUse {
  /** The property that is taken; undefined where only the running program knows which. */
  name: string | undefined;
  /** Where it is taken. */
  node: AnyNode;
  /** What then stands for the property's value. */
  values: AnyNode[];
}

/** What a file does with a value that some of its expressions stand for. */
export interface ValueUses {
  members: MemberUse[];
  /** Calls and `new` of the value itself. */
  calls: AnyNode[];
  /** Anything else, such as an argument of a call; the node is the value's expression. */
  others: AnyNode[];
}

/**
 * Follows a value through a file: through parentheses, choices and defaults, into variables that it is assigned to, and
 * out of them again. `typeof` is no use.
 */
export function followValue(code: ParsedCode, expressions: readonly AnyNode[]): ValueUses {
  const uses: ValueUses = { members: [], calls: [], others: [] };
  // A set visits what the loop adds.
  const pending = new Set(expressions);
  for (const node of pending) {
    const parent = code.parentOf(node);
    if (parent === undefined) continue;
    const next = passedTo(code, node, parent);
    if (next === undefined) addUse(code, { node, parent }, uses);
    else for (const value of next) pending.add(value);
  }
  return uses;
}

/** Nodes whose value is that of one of their children. */
const transparent: ReadonlySet<AnyNode["type"]> = new Set([
  "LogicalExpression",
  "ChainExpression",
  "ParenthesizedExpression",
  "AwaitExpression",
]);

/** Expressions that stand for the same value; undefined when the parent does something with it. */
function passedTo(code: ParsedCode, node: AnyNode, parent: AnyNode): readonly AnyNode[] | undefined {
  if (transparent.has(parent.type)) return [parent];
  if (parent.type === "UnaryExpression" || parent.type === "ExpressionStatement") return [];
  if (parent.type === "ConditionalExpression") return parent.test === node ? [] : [parent];
  if (parent.type === "SequenceExpression") return parent.expressions.at(-1) === node ? [parent] : [];
  const target = patternFor(node, parent);
  if (target?.type !== "Identifier") return undefined;
  return parent.type === "AssignmentExpression" ? [parent, ...code.readsOf(target)] : code.readsOf(target);
}

function addUse(code: ParsedCode, { node, parent }: { node: AnyNode; parent: AnyNode }, uses: ValueUses): void {
  if (parent.type === "MemberExpression" && parent.object === node) {
    const name =
      !parent.computed && parent.property.type === "Identifier"
        ? parent.property.name
        : readText(code, parent.property);
    uses.members.push({ name, node: parent, values: [parent] });
    return;
  }
  const pattern = patternFor(node, parent);
  if (pattern?.type === "ObjectPattern") uses.members.push(...membersOfPattern(code, pattern));
  else if ((parent.type === "CallExpression" || parent.type === "NewExpression") && parent.callee === node) {
    uses.calls.push(parent);
  } else uses.others.push(node);
}

function patternFor(node: AnyNode, parent: AnyNode): Pattern | undefined {
  if (parent.type === "VariableDeclarator" && parent.init === node) return parent.id;
  const isAssigned = parent.type === "AssignmentExpression" || parent.type === "AssignmentPattern";
  return isAssigned && parent.right === node ? parent.left : undefined;
}

function membersOfPattern(code: ParsedCode, pattern: Extract<Pattern, { type: "ObjectPattern" }>): MemberUse[] {
  return pattern.properties.map((property): MemberUse => {
    if (property.type === "RestElement") return { name: undefined, node: property, values: [] };
    const { key, computed, value } = property;
    const name = !computed && key.type === "Identifier" ? key.name : readText(code, key);
    const target = value.type === "AssignmentPattern" ? value.left : value;
    return { name, node: property, values: target.type === "Identifier" ? [...code.readsOf(target)] : [] };
  });
}
