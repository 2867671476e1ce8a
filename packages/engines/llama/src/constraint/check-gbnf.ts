import { HxpError } from "@hxp/errors";

/** Repetitions that llama.cpp takes. With the least above the most it would repeat for hours instead of refusing. */
const mostRepetitions = 2000;

type Kind = "space" | "line" | "define" | "name" | "item" | "repetition" | "open" | "close" | "or";

const escape = String.raw`\\(?:[trn\\"\[\]]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})`;
const lexemes: readonly (readonly [kind: Kind, pattern: RegExp])[] = [
  ["space", /[ \t]+|#[^\r\n]*/y],
  ["line", /\r\n|\r|\n/y],
  ["define", /::=/y],
  ["name", /[a-zA-Z0-9-]+/y],
  ["item", new RegExp(`"(?:[^"\\\\]|${escape})*"|\\[(?:[^\\]\\\\]|${escape})*\\]|\\.`, "y")],
  ["repetition", /[*+?]|\{\s*\d+\s*(?:,\s*\d*\s*)?\}/y],
  ["open", /\(/y],
  ["close", /\)/y],
  ["or", /\|/y],
];

/** What is read of a grammar up to some place. */
interface Reading {
  readonly defined: Set<string>;
  readonly used: Set<string>;
  /** What comes next: a rule's name, its `::=`, or its body. */
  place: "name" | "define" | "body";
  depth: number;
  /** Whether the last element can be repeated. */
  isElement: boolean;
  /** Whether nothing has come yet since `::=` or `|`: the body goes on in the next line. */
  isFresh: boolean;
}

/**
 * Checks that a grammar is GBNF: llama.cpp prints one that is not, and with it what a request said, to the log of the process.
 * Throws ENGINE_REQUEST_INVALID with the line.
 */
export function checkGbnf(grammar: string): void {
  const reading: Reading = {
    defined: new Set(),
    used: new Set(["root"]),
    place: "name",
    depth: 0,
    isElement: false,
    isFresh: false,
  };
  for (let at = 0; at < grammar.length;) {
    const found = readLexeme(grammar, at);
    const problem = found === undefined ? "has what is no part of GBNF" : take(reading, found);
    if (found === undefined || problem !== undefined) {
      throw invalid(`line ${grammar.slice(0, at).split("\n").length} ${problem}`);
    }
    at += found.text.length;
  }
  if (reading.place === "define" || reading.depth > 0) throw invalid("it ends within a rule");
  const isWhole = [...reading.used].every((name) => reading.defined.has(name));
  if (!isWhole) throw invalid("it lacks root, or another rule that it names");
}

interface Lexeme {
  readonly kind: Kind;
  readonly text: string;
}

function readLexeme(grammar: string, at: number): Lexeme | undefined {
  for (const [kind, pattern] of lexemes) {
    pattern.lastIndex = at;
    const text = pattern.exec(grammar)?.[0];
    if (text !== undefined) return { kind, text };
  }
  return undefined;
}

/** Goes on by one lexeme, or tells what is wrong with it. */
function take(reading: Reading, lexeme: Lexeme): string | undefined {
  if (lexeme.kind === "space") return undefined;
  if (reading.place === "body") return takeBody(reading, lexeme);
  if (lexeme.kind === "line" && reading.place === "name") return undefined;
  const expected = reading.place;
  if (lexeme.kind !== expected) return `lacks ${expected === "name" ? "the name of a rule" : "::="}`;
  if (expected === "name") reading.defined.add(lexeme.text);
  Object.assign(reading, { place: expected === "name" ? "define" : "body", isElement: false, isFresh: true });
  return undefined;
}

function takeBody(reading: Reading, { kind, text }: Lexeme): string | undefined {
  if (kind === "line") {
    if (reading.depth === 0 && !reading.isFresh) reading.place = "name";
    return undefined;
  }
  const problem = problemOf(reading, { kind, text });
  if (problem !== undefined) return problem;
  if (kind === "name") reading.used.add(text);
  if (kind === "open") reading.depth += 1;
  if (kind === "close") reading.depth -= 1;
  reading.isElement = ["name", "item", "close"].includes(kind);
  reading.isFresh = kind === "or";
  return undefined;
}

function problemOf({ depth, isElement }: Reading, { kind, text }: Lexeme): string | undefined {
  if (kind === "define") return "has ::= within a rule";
  if (kind === "close" && depth === 0) return "closes what was not opened";
  if (kind !== "repetition") return undefined;
  if (!isElement) return "repeats nothing";
  return isRange(text) ? undefined : `repeats more than ${mostRepetitions} times, or less than none`;
}

function isRange(text: string): boolean {
  const [least = 0, most = mostRepetitions] = (text.match(/\d+/g) ?? []).map(Number);
  return least <= most && most <= mostRepetitions;
}

function invalid(problem: string): HxpError {
  return new HxpError("ENGINE_REQUEST_INVALID", `The grammar cannot be read: ${problem}`, {
    hint: 'A grammar is GBNF: rules such as `root ::= "a" [0-9]{1,3}`, one of them called root.',
  });
}
