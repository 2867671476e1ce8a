import type { AnyNode, CallExpression, NewExpression } from "acorn";
import { findModules } from "./find-modules.ts";
import type { ParsedCode } from "./parse-code.ts";
import { readText } from "./read-text.ts";

/** A file that code loads by a name that stands in it. */
export interface FileLoad {
  /** As written: relative to the file or to the package, or words of a command line. */
  names: readonly string[];
  /** `run`: Node runs the file whatever its name says. `import`: whether it does depends on the name. */
  how: "run" | "import";
  /** What loads it, as code calls it. */
  by: string;
  /** Counted from 1. */
  line: number;
}

/** What runs a file that is named in an argument. `require` under any name is found by what it is. */
const runners = /^(?:Worker|SharedWorker|fork|runMain|_load|importScripts|setupPrimary|setupMaster)$/;
/** What starts any program, with files as arguments. */
const starters = /^(?:spawn|spawnSync|exec|execSync|execFile|execFileSync|execa|register)$/;

/** Finds the files that code loads, as far as their names stand in it. */
export function findLoads(code: ParsedCode): FileLoad[] {
  const modules = findModules(code).map(({ specifier, node }): FileLoad => {
    const isCall = node.type === "CallExpression";
    const names = specifier === undefined ? namesIn(code, argumentsOf(node)) : [specifier];
    const how = isCall ? "run" : "import";
    return { names, how, by: isCall ? "require" : "import", line: lineOf(node) };
  });
  const calls = code.nodes.flatMap((node): FileLoad[] => {
    const by = isCalling(node) ? calledName(node) : undefined;
    if (by === undefined || !(runners.test(by) || starters.test(by))) return [];
    const how = runners.test(by) ? "run" : "import";
    return [{ names: namesIn(code, argumentsOf(node)), how, by, line: lineOf(node) }];
  });
  return [...modules, ...calls].filter(({ names }) => names.some(canBeFile));
}

/** A bare name in an import is a package; in a call it can be a file of the working folder. */
function canBeFile(name: string): boolean {
  return name.includes("/") || name.includes(".");
}

function isCalling(node: AnyNode): node is CallExpression | NewExpression {
  return node.type === "CallExpression" || node.type === "NewExpression";
}

function calledName({ callee }: CallExpression | NewExpression): string | undefined {
  if (callee.type === "Identifier") return callee.name;
  return callee.type === "MemberExpression" && callee.property.type === "Identifier" ? callee.property.name : undefined;
}

function argumentsOf(node: AnyNode): readonly AnyNode[] {
  if (isCalling(node)) return node.arguments;
  return node.type === "ImportExpression" ? [node.source] : [];
}

/** Texts of arguments, each alone, by their words, and together as `path.join` would have them. */
function namesIn(code: ParsedCode, values: readonly AnyNode[]): string[] {
  const texts = values.flatMap((value) => textsIn(code, value));
  return [...new Set([...texts.flatMap((text) => [text, ...text.split(/\s+/)]), texts.join("/")])];
}

/** Code that is handed over as a function has loads of its own. */
function textsIn(code: ParsedCode, node: AnyNode): string[] {
  const text = readText(code, node);
  if (text !== undefined) return [text];
  if (node.type === "ArrayExpression") return node.elements.flatMap((item) => (item ? textsIn(code, item) : []));
  if (node.type === "TemplateLiteral") return node.quasis.map(({ value }) => (value.cooked ?? "").replace(/^\//, ""));
  if (node.type === "BinaryExpression") {
    return [node.left, node.right].flatMap((side) => textsIn(code, side)).map((part) => part.replace(/^\//, ""));
  }
  return isCalling(node) ? node.arguments.flatMap((item) => textsIn(code, item)) : [];
}

function lineOf(node: AnyNode): number {
  return node.loc?.start.line ?? 1;
}
