import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fits, randomSchema } from "../../test/random-schema.ts";
import { createRandom, greedy } from "../../test/tiny-model.ts";
import { read, request, useTinyModel } from "../../test/use-tiny-model.ts";
import type { Addon } from "../addon/addon.ts";
import { loadAddon } from "../addon/load-addon.ts";
import { schemaToGrammar } from "./schema-to-grammar.ts";

let addon: Addon;
let used: Awaited<ReturnType<typeof useTinyModel>>;
beforeAll(async () => {
  addon = await loadAddon("cpu", { onLog: () => {} });
  used = await useTinyModel({ contextLength: 2048, sequences: 8 });
});
afterAll(() => used[Symbol.asyncDispose]());

function accepts(schema: unknown): (value: unknown) => boolean {
  const grammar = new addon.AddonGrammar(schemaToGrammar(schema), { addonExports: addon, rootRuleName: "root" });
  return (value) => grammar.isTextCompatible(typeof value === "string" ? value : JSON.stringify(value));
}

test("output that is bound to a schema parses and fits, whatever the schema and however random the model", async () => {
  const random = createRandom(5);
  const schemas = Array.from({ length: 160 }, () => randomSchema(random));
  let whole = 0;
  await Promise.all(
    schemas.map(async (schema, seed) => {
      const sampling = { ...greedy, temperature: 1.5, seed };
      const constraint = { type: "json_schema", schema } as const;
      const prompt = { type: "text", text: "JSON:" } as const;
      const { text, reason } = await read(
        used.model.generate(request({ prompt, sampling, constraint, maxTokens: 1500 })),
      );
      if (reason === "length") return;
      whole += 1;
      expect(fits(JSON.parse(text), schema), `${JSON.stringify(schema)} got ${text}`).toBe(true);
    }),
  );
  expect(whole).toBeGreaterThan(150);
});

test("the mode json gives an object", async () => {
  const sampling = { ...greedy, temperature: 1, seed: 9 };
  const answers = Array.from({ length: 8 }, (_, seed) =>
    read(
      used.model.generate(request({ sampling: { ...sampling, seed }, constraint: { type: "json" }, maxTokens: 1900 })),
    ),
  );
  for (const { text, reason } of await Promise.all(answers)) {
    expect(text).toMatch(/^\{/);
    if (reason === "stop") expect(typeof JSON.parse(text)).toBe("object");
  }
});

describe("a grammar takes what the schema allows and nothing else", () => {
  test.each<[title: string, schema: unknown, good: unknown[], bad: unknown[]]>([
    [
      "strings",
      { type: "string", minLength: 1, maxLength: 2 },
      ['"ab"', '"\\n"', '"é"'],
      ['""', '"abc"', '"a', "1", '"\n"'],
    ],
    ["escapes", { type: "string" }, ['"\\u00e9"', '"\\/"'], ['"\\x41"', '"\\ud83d"']],
    ["integers", { type: "integer" }, [0, -12, 123_456], ["01", "1.5", "-", "+1", "1e3"]],
    ["numbers", { type: "number" }, [0.5, -3, "1.5e-7"], [".5", "1.", "1e", "NaN"]],
    [
      "a range of integers",
      { type: "integer", minimum: -12, maximum: 105 },
      [-12, -1, 0, 9, 10, 99, 100, 105],
      [-13, -20, 106, 110, 1000],
    ],
    ["an open range", { type: "integer", exclusiveMinimum: 0 }, [1, 10, 999_999], [0, -1]],
    ["a range of numbers", { type: "number", minimum: 0, maximum: 1 }, [0, 1, 0.25, 0.999], [-0.1, 1.1, 2]],
    [
      "a range that excludes its bounds",
      { type: "number", exclusiveMinimum: 0, exclusiveMaximum: 2 },
      [0.5, 1, 1.75],
      [0, 2, -1],
    ],
    [
      "an object",
      { type: "object", properties: { a: { type: "integer" }, b: { type: "null" } }, required: ["a"] },
      [{ a: 1 }, { a: 1, b: null }, '{ "a": 1 }'],
      [{}, { b: null }, { b: null, a: 1 }, { a: 1, c: 2 }],
    ],
    [
      "an object with nothing required",
      { properties: { a: true, b: true, c: true } },
      [{}, { a: 1 }, { b: 1 }, { c: 1 }, { a: 1, c: 1 }, { a: 1, b: 1, c: 1 }],
      [{ d: 1 }, '{,"a":1}', '{"a":1,}'],
    ],
    ["a map", { type: "object", additionalProperties: { type: "boolean" } }, [{}, { x: true, y: false }], [{ x: 1 }]],
    ["an empty object", { type: "object", additionalProperties: false }, [{}], [{ a: 1 }]],
    ["any object", { type: "object" }, [{}, { a: [{ b: null }] }], [[], 1]],
    [
      "arrays",
      { type: "array", items: { type: "integer" }, minItems: 1, maxItems: 3 },
      [[1], [1, 2, 3]],
      [[], [1, 2, 3, 4], ["a"]],
    ],
    ["an empty array", { type: "array", maxItems: 0 }, [[]], [[1]]],
    [
      "a long array",
      { type: "array", items: { const: 1 }, minItems: 2 },
      [
        [1, 1],
        [1, 1, 1, 1],
      ],
      [[1], [1, 2]],
    ],
    [
      "tuples",
      { prefixItems: [{ type: "integer" }, { type: "string" }], items: false },
      [[1, "a"]],
      [[1], ["a", 1], [1, "a", 2]],
    ],
    ["constants", { enum: ["a", 1, null, { b: [] }] }, ['"a"', 1, null, { b: [] }], ["a", 2]],
    ["choices", { oneOf: [{ type: "integer" }, { type: "null" }] }, [1, null], ['"a"']],
    ["references", { $ref: "#/$defs/x~1y", $defs: { "x/y": { type: "boolean" } } }, [true], [1]],
    [
      "recursion",
      { type: "object", properties: { next: { anyOf: [{ $ref: "#" }, { type: "null" }] } }, required: ["next"] },
      [{ next: null }, { next: { next: null } }],
      [{}, { next: 1 }],
    ],
    ["anything", true, [1, '"a"', [null, { a: 1 }]], ["a"]],
  ])("%s", (_, schema, good, bad) => {
    const fitsGrammar = accepts(schema);
    for (const value of good) expect(fitsGrammar(value), `${JSON.stringify(value)} is right`).toBe(true);
    for (const value of bad) expect(fitsGrammar(value), `${JSON.stringify(value)} is wrong`).toBe(false);
  });
});

describe("what a grammar cannot express is refused with its path", () => {
  test.each<[schema: unknown, path: string]>([
    [{ type: "object", properties: { a: { type: "string", pattern: "^a" } } }, "#/properties/a/pattern"],
    [{ type: "array", items: { type: "integer", multipleOf: 3 } }, "#/items/multipleOf"],
    [{ not: { type: "null" } }, "#/not"],
    [{ allOf: [{ type: "object" }, { type: "object" }] }, "#/allOf"],
    [{ type: "string", format: "hologram" }, "#/format"],
    [{ type: "string", format: "constructor" }, "#/format"],
    [{ type: "string", minLength: 5000 }, "#/minLength"],
    [{ type: "string", minLength: 3, maxLength: 2 }, "#/maxLength"],
    [{ type: "integer", minimum: 5, maximum: 4 }, "#"],
    [{ type: "number", minimum: 0.2, maximum: 0.8 }, "#"],
    [{ type: "integer", minimum: "0" }, "#/minimum"],
    [{ type: "colour" }, "#/type"],
    [{ $ref: "https://example.com/schema" }, "#/$ref"],
    [{ $ref: "#/$defs/missing" }, "#/$ref"],
    [{ $ref: "#/constructor" }, "#/$ref"],
    [{ anyOf: [] }, "#/anyOf"],
    [{ anyOf: [{ type: "object" }], properties: {} }, "#/properties"],
    [{ enum: [] }, "#/enum"],
    [{ type: "object", required: ["a"], additionalProperties: false }, "#/required"],
    [false, "#"],
    [{ type: "array", uniqueItems: true }, "#/uniqueItems"],
  ])("%j", (schema, path) => {
    expect(() => schemaToGrammar(schema)).toThrow(
      expect.objectContaining({ code: "ENGINE_UNSUPPORTED", details: { path } }),
    );
  });

  test("a schema that is too deep or too large", () => {
    let deep: unknown = { type: "null" };
    for (let level = 0; level < 200; level += 1) deep = { type: "array", items: deep };
    expect(() => schemaToGrammar(deep)).toThrow(expect.objectContaining({ code: "ENGINE_UNSUPPORTED" }));
    const properties = Object.fromEntries(Array.from({ length: 6000 }, (_, index) => [`p${index}`, { const: index }]));
    expect(() => schemaToGrammar({ type: "object", properties })).toThrow(
      expect.objectContaining({ code: "ENGINE_REQUEST_INVALID" }),
    );
  });
});

test("a grammar of the request's own is taken, and one that is not well-formed makes it invalid", async () => {
  const grammar = 'root ::= "yes" | "no"';
  const { text } = await read(used.model.generate(request({ constraint: { type: "grammar", grammar } })));
  expect(["yes", "no"]).toContain(text);
  const nested = `root ::= ${"(".repeat(50_000)}"a"${")".repeat(50_000)}`;
  const many = Array.from({ length: 6000 }, (_, index) => `r${index} ::= "a"`).join("\n");
  for (const wrong of [nested, many, "x".repeat(200_000), "root ::= (", 'start ::= "a"', "root ::= root", ""]) {
    const answer = read(used.model.generate(request({ constraint: { type: "grammar", grammar: wrong } })));
    await expect(answer, wrong).rejects.toMatchObject({ code: "ENGINE_REQUEST_INVALID" });
  }
});

test("a schema with very many properties that may be left out is computed", async () => {
  const properties = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`p${index}`, { type: "null" }]));
  const schema = { type: "object", properties, required: ["p999"], additionalProperties: false };
  const { text } = await read(
    used.model.generate(request({ constraint: { type: "json_schema", schema }, maxTokens: 20 })),
  );
  expect(text).toMatch(/^\{\s*"p/);
});

test("a schema whose lengths are more than can be computed in a second is refused", () => {
  const lengths = (count: number) => ({
    type: "object",
    properties: Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`p${index}`, { type: "string", maxLength: 1000 - (index % 900) }]),
    ),
  });
  expect(() => schemaToGrammar(lengths(100))).not.toThrow();
  expect(() => schemaToGrammar(lengths(900))).toThrow(
    expect.objectContaining({
      code: "ENGINE_REQUEST_INVALID",
      message: expect.stringContaining("maxLength") as string,
    }),
  );
});
