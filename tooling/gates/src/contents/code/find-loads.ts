import type { AnyNode } from "acorn";
import { findCalls, isCalling } from "./find-calls.ts";
import { findModules } from "./find-modules.ts";
import { followValue } from "./follow-value.ts";
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
/** What reads a file. */
const readers = /^(?:readFile|readFileSync)$/;
/** What runs a text as code. */
const evaluators =
  /^(?:eval|Function|Script|SourceTextModule|compileFunction|runInContext|runInNewContext|runInThisContext|_compile)$/;

/**
 * Finds the files that code loads, or reads and runs, as far as their names stand in it. Functions are known by their
 * names, also renamed by an import, an assignment or a pattern. Not found: names that only the running program knows,
 * functions that come out of others (`fork.bind(…)`), and a text that goes through another function before it is run.
 */
export function findLoads(code: ParsedCode): FileLoad[] {
  const modules = findModules(code).map(({ specifier, node }): FileLoad => {
    const isCall = node.type === "CallExpression";
    const names = specifier === undefined ? namesIn(code, argumentsOf(node)) : [specifier];
    const how = isCall ? "run" : "import";
    return { names, how, by: isCall ? "require" : "import", line: lineOf(node) };
  });
  return [
    ...modules,
    ...findStarts(code, runners, "run"),
    ...findStarts(code, starters, "import"),
    ...findRuns(code),
  ].filter(({ names }) => names.some(canBeFile));
}

function findStarts(code: ParsedCode, functions: RegExp, how: FileLoad["how"]): FileLoad[] {
  return findCalls(code, functions).map(({ node, name }) => ({
    names: namesIn(code, argumentsOf(node)),
    how,
    by: name,
    line: lineOf(node),
  }));
}

/** Files whose text is read and run, at once or by way of variables. */
function findRuns(code: ParsedCode): FileLoad[] {
  const runs = new Map<AnyNode, string>(findCalls(code, evaluators).map(({ node, name }) => [node, name]));
  if (runs.size === 0) return [];
  return findCalls(code, readers).flatMap(({ node }) =>
    usersOf(code, node).flatMap((user): FileLoad[] => {
      const by = runs.get(user);
      const names = namesIn(code, argumentsOf(node));
      return by === undefined ? [] : [{ names, how: "run", by, line: lineOf(user) }];
    }),
  );
}

/** What is called with a text, also with its `toString()`. */
function usersOf(code: ParsedCode, text: AnyNode): AnyNode[] {
  const { members, others } = followValue(code, [text]);
  const printed = members.filter(({ name }) => name === "toString").flatMap(({ values }) => values);
  const again = followValue(code, printed).calls.flatMap((call) => followValue(code, [call]).others);
  return [...others, ...again].flatMap((node) => code.parentOf(node) ?? []);
}

/** A bare name in an import is a package; in a call it can be a file of the working folder. */
function canBeFile(name: string): boolean {
  return name.includes("/") || name.includes(".");
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
