import type { Tool, ToolCall } from "@hxp/engine";

/** How a model writes calls of tools. */
export interface ToolStyle {
  readonly name: "hermes" | "mistral" | "llama" | "described";
  /** What a call begins with; `""`: the whole answer is the call. */
  readonly open: string;
  /** What a call ends with; `""`: the answer's end. */
  readonly close: string;
  readonly argumentsKey: "arguments" | "parameters";
  /** Whether calls stand in one JSON array. */
  readonly isList: boolean;
  /** Whether the template shows the tools; else a system message describes them. */
  readonly isInTemplate: boolean;
}

const hermes: ToolStyle = {
  name: "hermes",
  open: "<tool_call>",
  close: "</tool_call>",
  argumentsKey: "arguments",
  isList: false,
  isInTemplate: true,
};

/** First match wins. Templates that write calls in another way get the tools described in a system message. */
const styles: readonly (readonly [matches: (template: string) => boolean, style: ToolStyle])[] = [
  [
    (template) => template.includes("[TOOL_CALLS]") && !template.includes("[ARGS]"),
    { name: "mistral", open: "[TOOL_CALLS]", close: "", argumentsKey: "arguments", isList: true, isInTemplate: true },
  ],
  [(template) => template.includes("<tool_call>") && !template.includes("<function="), hermes],
  [
    (template) => /"parameters"\s*:/.test(template) && /ipython|python_tag/.test(template),
    { name: "llama", open: "", close: "", argumentsKey: "parameters", isList: false, isInTemplate: true },
  ],
];

/** Chooses how a model calls tools by what its template does. */
export function chooseToolStyle(template: string): ToolStyle {
  const knows = /\btools\b/.test(template);
  const found = knows ? styles.find(([matches]) => matches(template))?.[1] : undefined;
  return found ?? { ...hermes, name: "described", isInTemplate: false };
}

/** The system message that describes tools to a model whose template does not. */
export function describeTools(tools: readonly Tool[]): string {
  return [
    "You can call these functions; each line is the JSON of one:",
    ...tools.map((tool) => JSON.stringify(toFunction(tool).function)),
    "To call one, write <tool_call>, its JSON and </tool_call>, each on a line, such as:",
    '<tool_call>\n{"name": "the function", "arguments": {"key": "value"}}\n</tool_call>',
  ].join("\n");
}

/** A tool in the form that templates take. */
export function toFunction({ name, description, parameters }: Tool): { type: "function"; function: object } {
  return {
    type: "function",
    function: {
      name,
      ...(description === undefined ? {} : { description }),
      parameters: parameters ?? { type: "object", properties: {} },
    },
  };
}

/** Calls of an earlier answer, as such a model would have written them. */
export function writeCalls(calls: readonly ToolCall[]): string {
  return calls
    .map((call) => `<tool_call>\n{"name": ${JSON.stringify(call.name)}, "arguments": ${call.arguments}}\n</tool_call>`)
    .join("\n");
}
