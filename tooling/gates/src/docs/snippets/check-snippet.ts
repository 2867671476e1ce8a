import type typescript from "typescript";
import type { CompilerHost, CompilerOptions, Diagnostic, SourceFile } from "typescript";
import { parseAllDocuments } from "yaml";
import type { DocumentBlock } from "../parse-document.ts";
import type { DocumentProblem } from "../problem.ts";
import { readImports, type SnippetImport } from "./read-imports.ts";

type TypeScript = typeof typescript;

/** A snippet that was read: what is wrong with it, and what it imports. */
export interface SnippetVerdict {
  /** Lines are those of the document. */
  problems: DocumentProblem[];
  imports: SnippetImport[];
  /** Whether it is TypeScript that can be compiled as a module. */
  isModule?: boolean;
  /** Why nobody could tell whether it is right. */
  unknown?: string;
}

/** Endings of the languages that TypeScript reads. */
const endings: Readonly<Record<string, string>> = {
  ts: "ts",
  typescript: "ts",
  mts: "ts",
  cts: "cts",
  tsx: "tsx",
  js: "js",
  javascript: "js",
  mjs: "mjs",
  cjs: "cjs",
  jsx: "jsx",
};

/** Blocks that claim nothing: what a program prints, a picture, or text. */
const silent = new Set(["", "text", "txt", "plain", "plaintext", "output", "log", "diff", "mermaid", "md", "markdown"]);

/** Whether a block is in a language of snippets; commands are not. */
export function isSnippet({ language }: DocumentBlock): boolean {
  return !silent.has(language);
}

/** Parses a snippet by its language. */
export function checkSnippet(ts: TypeScript, block: DocumentBlock): SnippetVerdict {
  const { language, text, line } = block;
  const ending = Object.hasOwn(endings, language) ? endings[language] : undefined;
  if (ending !== undefined) return checkCode(ts, block, `snippet.${ending}`);
  const parse = parsers.get(language);
  if (parse === undefined) return { problems: [], imports: [], unknown: `${language} is not parsed` };
  const fault = parse(text, ts);
  return { problems: fault === undefined ? [] : [syntaxProblem(block, line + fault.line, fault.message)], imports: [] };
}

/** Why a text is not of its language; lines from 0. */
interface Fault {
  line: number;
  message: string;
}

const parsers: ReadonlyMap<string, (text: string, ts: TypeScript) => Fault | undefined> = new Map([
  ["json", jsonFault],
  ["jsonc", commentedJsonFault],
  ["yaml", yamlFault],
  ["yml", yamlFault],
]);

function jsonFault(text: string): Fault | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return { line: 0, message: error instanceof Error ? error.message : String(error) };
  }
}

function commentedJsonFault(text: string, ts: TypeScript): Fault | undefined {
  const { error } = ts.parseConfigFileTextToJson("snippet.json", text);
  return error && { line: 0, message: ts.flattenDiagnosticMessageText(error.messageText, " ") };
}

function yamlFault(text: string): Fault | undefined {
  const [error] = [...parseAllDocuments(text)].flatMap(({ errors }) => errors);
  if (error === undefined) return undefined;
  const [message = ""] = error.message.split("\n");
  return { line: (error.linePos?.[0].line ?? 1) - 1, message: message.replace(/:$/, "") };
}

function checkCode(ts: TypeScript, block: DocumentBlock, fileName: string): SnippetVerdict {
  const source = ts.createSourceFile(fileName, block.text, ts.ScriptTarget.ESNext);
  const first = findFault(ts, source);
  if (first === undefined)
    return { problems: [], imports: readImports(ts, source), isModule: fileName.endsWith(".ts") };
  // An object alone is shown as what to pass or export; as a statement it would be a block.
  const value = ts.createSourceFile(fileName, `(${block.text}\n)`, ts.ScriptTarget.ESNext);
  if (block.text.startsWith("{") && findFault(ts, value) === undefined) return { problems: [], imports: [] };
  const { line } = source.getLineAndCharacterOfPosition(first.start ?? 0);
  const message = ts.flattenDiagnosticMessageText(first.messageText, " ");
  return { problems: [syntaxProblem(block, block.line + line, message)], imports: [] };
}

function findFault(ts: TypeScript, source: SourceFile): Diagnostic | undefined {
  const options: CompilerOptions = {
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.ESNext,
    jsx: ts.JsxEmit.Preserve,
    allowJs: true,
    noResolve: true,
    noLib: true,
    types: [],
  };
  const program = ts.createProgram([source.fileName], options, hostOf(source));
  return program.getSyntacticDiagnostics(program.getSourceFile(source.fileName))[0];
}

/** A file alone in the world. */
function hostOf(source: SourceFile): CompilerHost {
  const { fileName, text } = source;
  return {
    getSourceFile: (path) => (path === fileName ? source : undefined),
    readFile: (path) => (path === fileName ? text : undefined),
    fileExists: (path) => path === fileName,
    getDefaultLibFileName: () => "lib.d.ts",
    writeFile: () => {},
    getCurrentDirectory: () => "/",
    getCanonicalFileName: (path) => path,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => "\n",
  };
}

function syntaxProblem({ language }: DocumentBlock, line: number, problem: string): DocumentProblem {
  return {
    rule: "snippet-syntax",
    line,
    message: `The snippet is no ${language}: ${problem}`,
    fix: "Correct it, name its language, or write `no-check` after the language if it is not meant to be whole.",
  };
}
