import type { Tool, ToolChoice } from "@hxp/engine";
import type { ToolStyle } from "../tools/tool-style.ts";
import { createRules, type GrammarRules, literal } from "./grammar-rules.ts";
import { schemaRule } from "./schema-to-grammar.ts";

/** The grammar of a call that must be made, after its opening; undefined when none must. Throws ENGINE_UNSUPPORTED. */
export function callGrammar(options: {
  choice: ToolChoice;
  tools: readonly Tool[];
  style: ToolStyle;
}): string | undefined {
  const { choice, tools, style } = options;
  if (choice === "auto" || choice === "none") return undefined;
  const rules = createRules();
  const allowed = choice === "required" ? tools : tools.filter(({ name }) => name === choice.name);
  const calls = allowed.map((tool) => rules.add(callBody(tool, { style, rules }))).join(" | ");
  return rules.toText(style.isList ? `"[" ( ${calls} ) "]"` : `ws ( ${calls} )`);
}

function callBody({ name, parameters }: Tool, { style, rules }: { style: ToolStyle; rules: GrammarRules }): string {
  const given = schemaRule(parameters ?? { type: "object", properties: {}, additionalProperties: false }, rules);
  const head = `{"name": ${JSON.stringify(name)}, ${JSON.stringify(style.argumentsKey)}: `;
  return `${literal(head)} ${given} "}"`;
}
