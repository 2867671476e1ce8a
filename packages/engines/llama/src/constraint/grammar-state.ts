import { HxpError } from "@hxp/errors";
import type { Addon, AddonGrammarState, AddonModel } from "../addon/addon.ts";

/** Reads a grammar for one answer. Throws ENGINE_REQUEST_INVALID when it is not well-formed. */
export function createGrammarState(
  { addon, model }: { addon: Addon; model: AddonModel },
  grammar: string | undefined,
): AddonGrammarState | undefined {
  if (grammar === undefined) return undefined;
  try {
    const read = new addon.AddonGrammar(grammar, { addonExports: addon, rootRuleName: "root" });
    return new addon.AddonGrammarEvaluationState(model, read);
  } catch (cause) {
    throw new HxpError("ENGINE_REQUEST_INVALID", "The grammar cannot be read: llama.cpp takes no such GBNF", {
      cause,
      hint: "A grammar needs a rule called root, no rule that begins with itself, and repetitions of at most 2,000.",
    });
  }
}
