import type { Constraint } from "@hxp/engine";
import { HxpError } from "@hxp/errors";
import { checkGbnf } from "./check-gbnf.ts";
import { jsonObjectGrammar, schemaToGrammar } from "./schema-to-grammar.ts";

/**
 * llama.cpp reads grammars by recursion on the stack of this process: 20,000 open parentheses end it. Parentheses count wherever
 * they stand, so that nothing depends on reading a grammar as llama.cpp does.
 */
const limits: readonly (readonly [what: string, most: number, count: (grammar: string) => number])[] = [
  ["characters", 2 ** 17, (grammar) => grammar.length],
  ["opening parentheses", 1000, (grammar) => grammar.split("(").length - 1],
  ["rules", 5000, (grammar) => grammar.split("::=").length - 1],
];

/** The GBNF of what an answer must match. Throws ENGINE_UNSUPPORTED and ENGINE_REQUEST_INVALID. */
export function constraintGrammar(constraint: Constraint | undefined): string | undefined {
  if (constraint === undefined) return undefined;
  if (constraint.type === "json") return jsonObjectGrammar();
  if (constraint.type === "json_schema") return schemaToGrammar(constraint.schema);
  const { grammar } = constraint;
  for (const [what, most, count] of limits) {
    const found = count(grammar);
    if (found <= most) continue;
    throw new HxpError(
      "ENGINE_REQUEST_INVALID",
      `The request has a grammar of ${found} ${what}, expected at most ${most}`,
    );
  }
  checkGbnf(grammar);
  return grammar;
}
