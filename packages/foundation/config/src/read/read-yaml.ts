import { type Document, Lexer, LineCounter, parseDocument, Parser, visit, type YAMLError } from "yaml";
import type { Origin } from "../origin.ts";
import { at, type Finding } from "../problem.ts";
import type { ConfigNode, Place } from "../tree.ts";
import { limits } from "./limits.ts";
import { convertYaml } from "./convert-yaml.ts";

/** What came of reading one text. */
export interface ReadResult {
  /** Undefined when the text is empty or broken. */
  tree: ConfigNode | undefined;
  findings: readonly Finding[];
  /** Whether parts of the text were lost, so that keys would seem to be missing. */
  broken: boolean;
}

/** Makes the origin of a place in the text. */
export type Locate = (position: { line: number; column: number }) => Origin;

/**
 * Reads a YAML 1.2 text, core schema, one document, into a tree with places. Never throws.
 * The nesting is measured before the text is parsed: the parser is recursive, and deep nesting ends the process.
 */
export function readYaml(text: string, locate: Locate): ReadResult {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let index = text.indexOf("\n"); index !== -1; index = text.indexOf("\n", index + 1)) lines.addNewLine(index + 1);
  const placeAt = (start: number, end: number): Place => {
    const { line, col } = lines.linePos(start);
    return { origin: locate({ line: Math.max(line, 1), column: Math.max(col, 1) }), span: { start, end } };
  };

  if (isTooDeep(text)) {
    return broken([limitFinding(`is nested deeper than ${limits.depth} levels`, placeAt(0, 0))]);
  }
  try {
    const document = parseDocument(text, { prettyErrors: false, uniqueKeys: false, version: "1.2", schema: "core" });
    const errors = document.errors.slice(0, limits.problems).map((error) => atOpeningQuote(error, document));
    const syntax = errors.map((error) => syntaxFinding(error, placeAt));
    const converted = convertYaml(document.contents, placeAt);
    if (syntax.length > 0) return broken([...syntax, ...converted.findings]);
    return { ...converted, broken: false };
  } catch {
    return broken([syntaxFinding({ code: "IMPOSSIBLE", pos: [0, 0] }, placeAt)]);
  }
}

function broken(findings: readonly Finding[]): ReadResult {
  return { tree: undefined, findings, broken: true };
}

function isTooDeep(text: string): boolean {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    Array.from(parser.next(lexeme));
    // Beside a token a level, the stack holds the document and the value being read.
    if (parser.stack.length > limits.depth + 2) return true;
  }
  return false;
}

/** The finding for a text that goes beyond a limit. */
export function limitFinding(what: string, place: Place): Finding {
  return { code: "CONFIG_LIMIT", severity: "error", path: [], ...at(place), message: `The text ${what}.` };
}

type SyntaxError = Pick<YAMLError, "code" | "pos">;

/** A quote that is never closed is found at the end of the text; people look for where it was opened. */
function atOpeningQuote({ code, pos }: SyntaxError, document: Document): SyntaxError {
  if (code !== "MISSING_CHAR") return { code, pos };
  let [start] = pos;
  visit(document, {
    Scalar: (_, { range, type }) => {
      const isQuoted = type === "QUOTE_DOUBLE" || type === "QUOTE_SINGLE";
      if (isQuoted && range && range[0] < pos[0] && pos[0] <= range[2]) [start] = range;
    },
  });
  return { code, pos: [start, start === pos[0] ? pos[1] : start + 1] };
}

function syntaxFinding(error: SyntaxError, placeAt: (start: number, end: number) => Place): Finding {
  const [start, end] = error.pos;
  const message = syntaxMessages[error.code] ?? "The text is not well-formed YAML here";
  return {
    code: "CONFIG_SYNTAX",
    severity: "error",
    path: [],
    ...at(placeAt(start, Math.max(end, start + 1))),
    message: `${message}.`,
  };
}

// The library's own messages quote the text, which may be a secret.
const syntaxMessages: Partial<Record<YAMLError["code"], string>> = {
  BAD_ALIAS: "An alias (*) is not well formed here",
  BAD_DQ_ESCAPE: "A double-quoted text holds an escape that YAML does not know; write \\\\ for a backslash",
  BAD_INDENT: "The indentation does not fit the lines above",
  BAD_SCALAR_START: "A plain text cannot begin with this character; quote the text",
  BLOCK_AS_IMPLICIT_KEY: "A second colon stands in a plain text; quote the text",
  BLOCK_IN_FLOW: "A block value cannot stand inside brackets",
  DUPLICATE_KEY: "The same key stands twice",
  KEY_OVER_1024_CHARS: "A key is longer than 1024 characters",
  MISSING_CHAR: "A bracket, quote, comma or space is missing",
  MULTILINE_IMPLICIT_KEY: "A key must end on the line on which it begins, followed by a colon",
  MULTIPLE_ANCHORS: "A value has more than one anchor (&)",
  MULTIPLE_DOCS: "The file holds more than one document; a second one begins with ---",
  MULTIPLE_TAGS: "A value has more than one tag (!)",
  TAB_AS_INDENT: "The line is indented with a tab; use spaces",
  UNEXPECTED_TOKEN: "Something stands here that cannot stand here",
};
