import { HxpError } from "@hxp/errors";

/** The rules of a grammar in the making. */
export interface GrammarRules {
  /** Adds a rule and returns its name; the same body twice is one rule. */
  add(body: string): string;
  /** Takes a name for a rule whose body refers to itself; `set` gives the body. */
  reserve(): { readonly name: string; readonly set: (body: string) => void };
  /** The grammar as text, with `body` as its root. */
  toText(body: string): string;
}

const mostRules = 5000;
/** llama.cpp writes out each repetition, so many in about a second, in which no answer goes on. */
const mostRepetitions = 200_000;
const mostOfOne = 2000;

const primitives: Readonly<Record<string, string>> = {
  // White space is bounded, so that a model cannot write it forever.
  ws: `( " " | "\\n" [ ]{0,16} )?`,
  hex: "[0-9a-fA-F]",
  // No surrogates by escape: one escape is one character.
  escape: `"\\\\" ( ["\\\\/bfnrt] | "u" ( [0-9a-cefA-CEF] hex{3} | [dD] [0-7] hex{2} ) )`,
  // What JSON takes unescaped, as long as it is text: no surrogates, nothing beyond Unicode.
  char: `[\\x20\\x21\\x23-\\x5B\\x5D-\\x7E\\u0080-\\uD7FF\\uE000-\\U0010FFFF] | escape`,
  string: `"\\"" char* "\\""`,
  // 15 digits are exact in every reader.
  integer: `"-"? ( "0" | [1-9] [0-9]{0,14} )`,
  number: `integer ( "." [0-9]{1,15} )? ( [eE] [-+]? [0-9]{1,2} )?`,
  boolean: `"true" | "false"`,
  null: `"null"`,
  array: `"[" ws ( value ( "," ws value )* )? "]"`,
  object: `"{" ws ( string ":" ws value ( "," ws string ":" ws value )* )? "}"`,
  value: "( object | array | string | number | boolean | null ) ws",
};

/** Starts a grammar. Its rules may name the primitives: ws, string, integer, number, boolean, null, array, object, value. */
export function createRules(): GrammarRules {
  const names = new Map<string, string>();
  const bodies = new Map<string, string>();
  let repetitions = 0;
  const reserve = (): string => {
    if (bodies.size >= mostRules) {
      throw new HxpError(
        "ENGINE_REQUEST_INVALID",
        `The schema needs more than ${mostRules} grammar rules: simplify it`,
      );
    }
    const name = `r${bodies.size}`;
    bodies.set(name, "");
    return name;
  };
  return {
    add: (body) => {
      const known = names.get(body);
      if (known !== undefined) return known;
      repetitions += countRepetitions(body);
      if (repetitions > mostRepetitions) {
        throw new HxpError(
          "ENGINE_REQUEST_INVALID",
          `The schema's lengths and counts are more than ${mostRepetitions} together: lower maxLength and maxItems`,
        );
      }
      const name = reserve();
      names.set(body, name);
      bodies.set(name, body);
      return name;
    },
    reserve: () => {
      const name = reserve();
      return { name, set: (body) => bodies.set(name, body) };
    },
    toText: (body) => {
      const lines = [["root", body], ...bodies, ...Object.entries(primitives)];
      return `${lines.map(([name, rule]) => `${name} ::= ${rule}`).join("\n")}\n`;
    },
  };
}

function countRepetitions(body: string): number {
  const counts = [...body.matchAll(/\{(?:\d+,)?(\d+)\}/g)].map(([, most]) => Math.min(Number(most), mostOfOne));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** A text as GBNF has it. */
export function literal(text: string): string {
  const escaped = text.replaceAll(/[\\"\p{Cc}]/gu, (character) => {
    if (character === "\\" || character === '"') return `\\${character}`;
    return `\\x${(character.codePointAt(0) ?? 0).toString(16).padStart(2, "0")}`;
  });
  return `"${escaped}"`;
}
