import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import type { JsonObject, JsonValue } from "@hxp/release-gates";
import type { Bump } from "../api-change.ts";
import { largestBump } from "../bump.ts";
import { compareSchema } from "./compare-schema.ts";

interface SchemaCase {
  title: string;
  least: Bump;
  before: JsonObject;
  after: JsonObject;
  /** Accepted before; after it is accepted unless the least bump is a major. */
  document: JsonValue;
}

const open = (properties: JsonObject, rest: JsonObject = {}): JsonObject => ({ type: "object", properties, ...rest });
const closed = (properties: JsonObject, rest: JsonObject = {}): JsonObject =>
  open(properties, { additionalProperties: false, ...rest });
const text = { type: "string" };

const cases: readonly SchemaCase[] = [
  {
    title: "a key removed",
    least: "major",
    before: closed({ a: text, b: text }),
    after: closed({ a: text }),
    document: { b: "x" },
  },
  {
    title: "an optional key added",
    least: "minor",
    before: closed({ a: text }),
    after: closed({ a: text, b: text }),
    document: { a: "x" },
  },
  {
    title: "a required key added",
    least: "major",
    before: closed({ a: text }),
    after: closed({ a: text, b: text }, { required: ["b"] }),
    document: { a: "x" },
  },
  {
    title: "a key made required",
    least: "major",
    before: closed({ a: text }),
    after: closed({ a: text }, { required: ["a"] }),
    document: {},
  },
  {
    title: "a key made optional",
    least: "minor",
    before: closed({ a: text }, { required: ["a"] }),
    after: closed({ a: text }),
    document: { a: "x" },
  },
  {
    title: "unknown keys refused",
    least: "major",
    before: open({ a: text }),
    after: closed({ a: text }),
    document: { z: 1 },
  },
  { title: "unknown keys taken", least: "minor", before: closed({ a: text }), after: open({ a: text }), document: {} },
  {
    title: "a type that takes less",
    least: "major",
    before: closed({ a: { type: ["string", "null"] } }),
    after: closed({ a: text }),
    document: { a: null },
  },
  {
    title: "a type that takes more",
    least: "minor",
    before: closed({ a: text }),
    after: closed({ a: { type: ["string", "number"] } }),
    document: { a: "x" },
  },
  {
    title: "an integer that may be a number",
    least: "minor",
    before: closed({ a: { type: "integer" } }),
    after: closed({ a: { type: "number" } }),
    document: { a: 1 },
  },
  { title: "a value less", least: "major", before: { enum: ["a", "b"] }, after: { enum: ["a"] }, document: "b" },
  { title: "a value more", least: "minor", before: { enum: ["a"] }, after: { enum: ["a", "b"] }, document: "a" },
  { title: "a higher minimum", least: "major", before: { minimum: 0 }, after: { minimum: 1 }, document: 0 },
  { title: "a lower minimum", least: "minor", before: { minimum: 1 }, after: { minimum: 0 }, document: 1 },
  { title: "a new maximum", least: "major", before: text, after: { ...text, maxLength: 1 }, document: "xx" },
  { title: "a pattern", least: "major", before: text, after: { ...text, pattern: "^a" }, document: "b" },
  { title: "a pattern less", least: "minor", before: { ...text, pattern: "^a" }, after: text, document: "a" },
  {
    title: "another default",
    least: "minor",
    before: closed({ a: { ...text, default: "x" } }),
    after: closed({ a: { ...text, default: "y" } }),
    document: {},
  },
  {
    title: "another description",
    least: "patch",
    before: { ...text, description: "One." },
    after: { ...text, description: "Two." },
    document: "a",
  },
  {
    title: "keys in another order",
    least: "patch",
    before: closed({ a: text, b: { enum: [1, 2] } }, { required: ["a", "b"] }),
    after: closed({ b: { enum: [2, 1] }, a: text }, { required: ["b", "a"] }),
    document: { a: "x", b: 1 },
  },
  {
    title: "a definition that narrows",
    least: "major",
    before: { ...closed({ a: { $ref: "#/$defs/n" } }), $defs: { n: { maximum: 9 } } },
    after: { ...closed({ a: { $ref: "#/$defs/n" } }), $defs: { n: { maximum: 8 } } },
    document: { a: 9 },
  },
  {
    title: "a definition written out",
    least: "patch",
    before: { ...closed({ a: { $ref: "#/$defs/n" } }), $defs: { n: { maximum: 9 } } },
    after: closed({ a: { maximum: 9 } }),
    document: { a: 9 },
  },
  {
    title: "a definition that contains itself and gets a key",
    least: "minor",
    before: closed({ next: { $ref: "#" } }),
    after: closed({ next: { $ref: "#" }, a: text }),
    document: { next: { next: {} } },
  },
  { title: "a form more", least: "minor", before: text, after: { anyOf: [{ type: "number" }, text] }, document: "a" },
  {
    title: "a form less",
    least: "major",
    before: { anyOf: [{ type: "number" }, text, { type: "null" }] },
    after: { anyOf: [text, { type: "null" }] },
    document: 1,
  },
  {
    title: "a key in one of several forms",
    least: "minor",
    before: {
      oneOf: [closed({ k: { const: "a" } }, { required: ["k"] }), closed({ k: { const: "b" } }, { required: ["k"] })],
    },
    after: {
      oneOf: [
        closed({ k: { const: "b" } }, { required: ["k"] }),
        closed({ k: { const: "a" }, n: text }, { required: ["k"] }),
      ],
    },
    document: { k: "a" },
  },
  {
    title: "items that take less",
    least: "major",
    before: { items: { type: ["string", "number"] } },
    after: { items: text },
    document: [1],
  },
  {
    title: "values of any key that take less",
    least: "major",
    before: { additionalProperties: { maximum: 2 } },
    after: { additionalProperties: { maximum: 1 } },
    document: { x: 2 },
  },
];

describe("compareSchema", () => {
  test.each(cases)("needs a $least for $title", ({ least, before, after, document }) => {
    const changes = compareSchema("schema.json", before, after);
    expect({ least: largestBump(changes.map(({ bump }) => bump)), changes }).toMatchObject({ least });
    const ajv = new Ajv({ strict: false });
    expect(ajv.validate(before, document)).toBe(true);
    expect(ajv.validate(after, document)).toBe(least !== "major");
  });

  test("says which key, and what was and is", () => {
    const before = closed({ limits: closed({ rate: { type: "integer", maximum: 10 } }) });
    const after = closed({ limits: closed({ rate: { type: "integer", maximum: 5 } }) });
    expect(compareSchema("schema.json", before, after)).toEqual([
      {
        kind: "schema",
        where: "schema.json: limits.rate",
        change: "narrowed",
        before: "maximum: 10",
        after: "maximum: 5",
        bump: "major",
        reason: "Values beyond 5 are no longer accepted.",
      },
    ]);
  });
});
