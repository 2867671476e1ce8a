import { describe, expect, test } from "vitest";
import { createRandom } from "../../test/tiny-model.ts";
import { type AnswerPart, createCallReader } from "./call-reader.ts";
import { chooseToolStyle, type ToolStyle } from "./tool-style.ts";

const templates = {
  hermes: "{% for tool in tools %}{{ tool | tojson }}{% endfor %}<tool_call>",
  mistral: "[AVAILABLE_TOOLS]{{ tools }}[TOOL_CALLS]",
  llama: '{% if tools %}Environment: ipython {"name": x, "parameters": y}',
  described: "{{ messages }}",
};
const hermes = chooseToolStyle(templates.hermes);

interface Reading {
  readonly style?: ToolStyle;
  readonly isOpen?: boolean;
  readonly names?: readonly string[];
  readonly by?: "model" | "limit";
}

/** Calls as `name(arguments)`, those that were cut without the bracket, text in quotes; text that follows text is joined. */
function readAll(
  pieces: readonly string[],
  { style = hermes, isOpen = false, names = ["f", "g"], by = "model" }: Reading = {},
): string[] {
  const reader = createCallReader({ style, isOpen, names: new Set(names), createId: () => "id" });
  const parts: AnswerPart[] = [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end(by)];
  const shown: string[] = [];
  let isText = false;
  for (const part of parts) {
    if (part.type === "text" && isText) shown[shown.length - 1] += part.text;
    else shown.push(part.type === "text" ? `"${part.text}` : showCall(part));
    isText = part.type === "text";
  }
  return shown;
}

function showCall({ call, isCut }: Extract<AnswerPart, { type: "call" }>): string {
  return `${call.name}(${call.arguments}${isCut === true ? "" : ")"}`;
}

test("how a model calls tools is read off its template", () => {
  expect(Object.values(templates).map((template) => chooseToolStyle(template).name)).toEqual(Object.keys(templates));
  expect(chooseToolStyle("{{ tools }}<tool_call><function=x>").name).toBe("described");
  expect(chooseToolStyle("{{ tools }}[TOOL_CALLS]x[ARGS]").name).toBe("described");
});

test("text before a call comes out, the white space between does not", () => {
  const answer =
    'Let me look.\n\n<tool_call>\n{"name": "f", "arguments": {"x": 1}}\n</tool_call>\n<tool_call>{"name":"g"}</tool_call>';
  expect(readAll([answer])).toEqual(['"Let me look.', 'f({"x":1})', "g({})"]);
});

test("however an answer is cut into pieces, the same comes out", () => {
  const random = createRandom(2);
  const answer = 'a <b> <tool_c <tool_call>{"name":"f","arguments":{}}</tool_call> c <tool_call>no</tool_call> d\n ';
  const expected = ['"a <b> <tool_c', "f({})", '" c <tool_call>no</tool_call> d\n '];
  for (let round = 0; round < 200; round += 1) {
    const pieces: string[] = [];
    for (let at = 0; at < answer.length;) {
      const end = at + 1 + Math.floor(random() * 9);
      pieces.push(answer.slice(at, end));
      at = end;
    }
    expect(readAll(pieces)).toEqual(expected);
  }
});

describe("what only looks like a call stays text", () => {
  test.each(["{", "null", "[]", '{"name":"unknown"}', '{"name":1}', '[{"name":"f"},3]'])("%s", (inside) => {
    const text = `<tool_call>${inside}</tool_call>`;
    expect(readAll([text])).toEqual([`"${text}`]);
  });
});

test("a call that the prompt has opened ends with the answer", () => {
  expect(readAll(['{"name": "f", "arguments": {}}'], { isOpen: true })).toEqual(["f({})"]);
});

describe("a call that the token limit cuts", () => {
  test.each<[title: string, text: string, expected: readonly string[], reading?: Reading]>([
    ["in its arguments", 'Well.\n<tool_call>\n{"name": "f", "arguments": {"x": "a}', ['"Well.', 'f({"x": "a}']],
    ["before its arguments", '<tool_call>{"name":"f", "argu', ["f("]],
    ["before its last bracket", '<tool_call>{"name":"f","arguments":{"x":1}', ['f({"x":1}']],
    ["between its end and the closing text", '<tool_call>{"name":"f","arguments":{}}\n</tool_', ["f({})"]],
    ["before the tool is known", '<tool_call>{"name":"', ['"<tool_call>{"name":"']],
    ["of a tool that is not there", '<tool_call>{"name":"h","arguments":{', ['"<tool_call>{"name":"h","arguments":{']],
    [
      "that is the second of a list",
      '[TOOL_CALLS][{"name":"f","arguments":{}},{"name":"g","arguments":{"}',
      ["f({})", 'g({"}'],
      { style: chooseToolStyle(templates.mistral) },
    ],
    [
      "that is the second of a list, before its tool is known",
      '[TOOL_CALLS][{"name":"f","arguments":{}},{"na',
      ["f({})"],
      { style: chooseToolStyle(templates.mistral) },
    ],
    ["that is a whole answer", '{"name":"f","parameters":{"x', ['f({"x'], { style: chooseToolStyle(templates.llama) }],
    ["that is JSON of another kind", '{"answer":4', ['"{"answer":4'], { style: chooseToolStyle(templates.llama) }],
    ["that must be made", '{"name": "f", "arguments": {"x', ['f({"x'], { isOpen: true }],
    ["that must be made, of the only tool", '{"na', ["f("], { isOpen: true, names: ["f"] }],
    ["that must be made, of one of several", '{"na', [], { isOpen: true }],
  ])("%s", (_, text, expected, reading = {}) => {
    expect(readAll([text], { ...reading, by: "limit" })).toEqual(expected);
  });

  test("is never text where it must be made, wherever it is cut", () => {
    const whole = '{"name": "f", "arguments": {"a": "\\"}{", "b": [{"c": 1}, "é"]}}';
    for (let end = 0; end <= whole.length; end += 1) {
      const [call = "", ...rest] = readAll([whole.slice(0, end)], { isOpen: true, names: ["f"], by: "limit" });
      expect(rest).toEqual([]);
      const written = call.replace(/^f\(/, "");
      if (end < whole.length) expect(whole.slice(0, end).endsWith(written)).toBe(true);
      else expect(JSON.parse(written.replace(/\)$/, ""))).toEqual({ a: '"}{', b: [{ c: 1 }, "é"] });
    }
  });
});

test("Mistral writes a list after its token", () => {
  const style = chooseToolStyle(templates.mistral);
  expect(
    readAll(['[TOOL_CALLS] [{"name":"f","arguments":{"x":1}},', '{"name":"g","arguments":{}}]'], { style }),
  ).toEqual(['f({"x":1})', "g({})"]);
  expect(readAll(["plain [1] text"], { style })).toEqual(['"plain [1] text']);
});

test("Llama's whole answer is the call, and JSON of another kind is text", () => {
  const style = chooseToolStyle(templates.llama);
  expect(readAll(["\n", ' {"name":"f",', '"parameters":{"x":1}}'], { style })).toEqual(['f({"x":1})']);
  expect(readAll(['{"answer":', "42}"], { style })).toEqual(['"{"answer":42}']);
  expect(readAll(["Well, ", '{"name":"f","parameters":{}}'], { style })).toEqual([
    '"Well, {"name":"f","parameters":{}}',
  ]);
});
