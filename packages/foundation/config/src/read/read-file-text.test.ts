import { describe, expect, test } from "vitest";
import { parseConfig } from "@hxp/config";
import { serviceSchema, yamlFile } from "../testing/service-schema.ts";
import { readFileText } from "./read-file-text.ts";

function codesOf(content: string | Uint8Array, file?: string): string[] {
  const { findings } = readFileText(yamlFile(content, file));
  return findings.map(
    ({ code, origin }) =>
      `${code} ${origin !== undefined && "line" in origin ? `${origin.line}:${origin.column}` : ""}`,
  );
}

describe("a configuration text", () => {
  test.each([
    ["a key twice", "a: 1\nb: 2\na: 3\n", ["CONFIG_KEY_DUPLICATE 3:1"]],
    ["a key twice in brackets", "a: {b: 1, b: 2}\n", ["CONFIG_KEY_DUPLICATE 1:11"]],
    ["a tag of its own", "a: !include other.yaml\n", ["CONFIG_TAG 1:13"]],
    ["a tag on a map", "a:\n  !!js/function {b: 1}\n", ["CONFIG_TAG 2:17"]],
    ["a reserved key", "__proto__: {a: 1}\n", ["CONFIG_KEY_INVALID 1:1"]],
    ["a key that is a list", "? [a]\n: 1\n", ["CONFIG_KEY_INVALID 1:3"]],
    ["a key that is empty", "a: 1\n: 2\n", ["CONFIG_KEY_INVALID 2:1"]],
    ["an alias of nothing", "a: *b\n", ["CONFIG_SYNTAX 1:4"]],
    ["an alias of what holds it", "a: &b [*b]\n", ["CONFIG_SYNTAX 1:8"]],
    ["a quote that does not end", 'a: 1\nb: "c\n', ["CONFIG_SYNTAX 2:4"]],
    ["a tab as indentation", "a:\n\tb: 1\n", ["CONFIG_SYNTAX 2:1"]],
    ["two documents", "a: 1\n---\nb: 2\n", ["CONFIG_SYNTAX 2:1"]],
    ["bytes that are not UTF-8", Uint8Array.of(0x61, 0x3a, 0x20, 0xff), ["CONFIG_ENCODING 1:1"]],
    ["a text too long", "#".repeat(600_000), ["CONFIG_LIMIT 1:1"]],
    ["brackets too deep", "[".repeat(100_000), ["CONFIG_LIMIT 1:1"]],
    ["dashes too deep", "- ".repeat(100_000), ["CONFIG_LIMIT 1:1"]],
    [
      "maps too deep",
      Array.from({ length: 90 }, (_, depth) => `${" ".repeat(depth)}a:\n`).join(""),
      ["CONFIG_LIMIT 1:1"],
    ],
  ])("with %s is a problem at its place", (_, content, expected) => {
    const found = codesOf(content);
    expect(found.slice(0, expected.length)).toEqual(expected);
  });

  test("may be sixty levels deep", () => {
    expect(codesOf(`${"[".repeat(60)}${"]".repeat(60)}`)).toEqual([]);
  });

  test("that would grow by aliases is cut off", () => {
    const lines = ["a0: &a0 [1,1,1,1,1,1,1,1,1,1]"];
    for (let level = 1; level < 12; level += 1) {
      const alias = `*a${level - 1}`;
      lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => alias).join(", ")}]`);
    }
    const codes = new Set(codesOf(lines.join("\n")).map((code) => code.split(" ")[0]));
    expect([...codes]).toEqual(["CONFIG_LIMIT"]);
  });

  test("may use aliases", () => {
    const content = "name: &n x\nlabels: {a: *n}\n";
    expect(parseConfig(serviceSchema, { files: [yamlFile(content)] }).config?.labels).toMatchObject({ a: "x" });
  });

  test("is YAML 1.2: yes is a text and 010 is ten", () => {
    const { config } = parseConfig(serviceSchema, { files: [yamlFile("name: yes\nserver: {port: 010}\n")] });
    expect(config).toMatchObject({ name: "yes", server: { port: 10 } });
  });

  test("cannot reach the prototype of anything", () => {
    const content = "name: x\nlabels: {constructor: a, to-string: b}\n__proto__: {polluted: 1}\n";
    const { errors } = parseConfig(serviceSchema, { files: [yamlFile(content)] });
    expect(errors.map(({ code }) => code)).toEqual(["CONFIG_KEY_INVALID"]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    const { config } = parseConfig(serviceSchema, { files: [yamlFile("name: x\nlabels: {constructor: a}\n")] });
    expect(Object.entries(config?.labels ?? {})).toContainEqual(["constructor", "a"]);
  });

  test("in a .json file is JSON and nothing more", () => {
    expect(codesOf('{\n\t"a": [1, true, null]\n}\n', "hxp.json")).toEqual([]);
    expect(codesOf('{\n  "a": 1,\n}\n', "hxp.json")).toEqual(["CONFIG_SYNTAX 3:1"]);
    expect(codesOf("{a: 1}", "hxp.json")).toEqual(["CONFIG_SYNTAX 1:2"]);
    expect(codesOf('{"a": 1, "a": 2}', "hxp.json")).toEqual(["CONFIG_KEY_DUPLICATE 1:10"]);
  });

  test.each(["", "# nothing\n", "---\n", "null\n"])("that says nothing (%j) leaves the defaults", (content) => {
    const { config } = parseConfig(serviceSchema, { files: [yamlFile(content)], arguments: ["name=x"] });
    expect(config?.server.port).toBe(8080);
  });

  test.each(["- a\n", "text\n", "42\n"])(
    "whose root is no map (%j) is a problem, whatever lies above it",
    (content) => {
      const { errors } = parseConfig(serviceSchema, { files: [yamlFile(content)], arguments: ["name=x"] });
      expect(errors.map(({ code, path }) => [code, path])).toEqual([["CONFIG_VALUE_INVALID", ""]]);
    },
  );
});
