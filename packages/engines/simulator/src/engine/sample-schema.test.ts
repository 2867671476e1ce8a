import { expect, test } from "vitest";
import { createRandom } from "./random.ts";
import { sampleSchema } from "./sample-schema.ts";

const sample = (schema: Record<string, unknown>, seed = 1): unknown => sampleSchema(schema, createRandom(seed));
const seeds = Array.from({ length: 50 }, (_, index) => index);

test("numbers keep their bounds", () => {
  for (const seed of seeds) {
    const whole = sample({ type: "integer", minimum: 3, exclusiveMaximum: 6 }, seed) as number;
    expect([3, 4, 5]).toContain(whole);
    expect([10, 15, 20]).toContain(sample({ type: "integer", multipleOf: 5, minimum: 7, maximum: 20 }, seed));
    const below = sample({ type: "number", exclusiveMaximum: 0 }, seed) as number;
    expect(below).toBeLessThan(0);
  }
});

test("texts and lists keep their lengths, and values their choices", () => {
  for (const seed of seeds) {
    expect(sample({ type: "string", minLength: 9, maxLength: 9 }, seed)).toHaveLength(9);
    expect(sample({ type: "array", items: { type: "boolean" }, minItems: 3 }, seed)).toHaveLength(3);
    expect(["a", "b"]).toContain(sample({ enum: ["a", "b"] }, seed));
  }
  expect(sample({ const: { a: 1 } })).toEqual({ a: 1 });
  expect(sample({ type: ["null", "string"] })).toBeNull();
});

test("objects have what is required, from all parts", () => {
  const schema = {
    allOf: [
      { properties: { a: { type: "integer" } }, required: ["a"] },
      { properties: { b: { $ref: "#/$defs/b" } }, required: ["b"] },
    ],
    $defs: { b: { type: "boolean" } },
  };
  expect(sample(schema)).toEqual({ a: expect.any(Number), b: expect.any(Boolean) });
});

test("a schema that holds itself ends where it may, and is refused where it may not", () => {
  const list = {
    $defs: {
      node: {
        anyOf: [
          { type: "object", properties: { next: { $ref: "#/$defs/node" } }, required: ["next"] },
          { type: "null" },
        ],
      },
    },
    $ref: "#/$defs/node",
  };
  expect(JSON.stringify(sample(list))).toContain("null");
  const endless = { type: "object", properties: { self: { $ref: "#" } }, required: ["self"] };
  expect(() => sample(endless)).toThrow(RangeError);
});
