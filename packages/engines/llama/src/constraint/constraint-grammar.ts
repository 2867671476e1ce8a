import type { Constraint } from "@hxp/engine";
import { HxpError } from "@hxp/errors";
import { jsonObjectGrammar, schemaToGrammar } from "./schema-to-grammar.ts";

const longestGrammar = 2 ** 18;

/** The GBNF of what an answer must match. Throws ENGINE_UNSUPPORTED and ENGINE_REQUEST_INVALID. */
export function constraintGrammar(constraint: Constraint | undefined): string | undefined {
  if (constraint === undefined) return undefined;
  if (constraint.type === "json") return jsonObjectGrammar();
  if (constraint.type === "json_schema") return schemaToGrammar(constraint.schema);
  const { grammar } = constraint;
  if (grammar.length > longestGrammar) {
    const found = `a grammar of ${grammar.length} characters`;
    throw new HxpError("ENGINE_REQUEST_INVALID", `The request has ${found}, expected at most ${longestGrammar}`);
  }
  return grammar;
}
