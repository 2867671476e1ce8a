import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  canonicalJson,
  createStatement,
  createSubject,
  parseStatement,
  serializeStatement,
  type Statement,
} from "@hxp/evidence";
import { refusal } from "../testing/test-world.ts";

const subject = createSubject("core.tgz", Buffer.from("x"));
const parts = { subjects: [subject], predicateType: "https://example.test/v1", predicate: { a: 1 } };
const parse = (value: unknown) => parseStatement(Buffer.from(JSON.stringify(value)));

describe("a statement", () => {
  test("comes back from its bytes as it was", () => {
    const statement = createStatement(parts);
    expect(parseStatement(serializeStatement(statement))).toEqual(statement);
  });

  test("has the same bytes whatever the order of its fields", () => {
    const { _type, subject: subjects, predicateType, predicate } = createStatement(parts);
    const turned: Statement = { predicate, predicateType, subject: subjects, _type };
    expect(serializeStatement(turned)).toEqual(serializeStatement(createStatement(parts)));
  });

  test("keeps fields that are not in the specification", () => {
    const value = { ...createStatement(parts), later: true };
    expect(parse(value)).toEqual(value);
  });

  const whole = createStatement(parts);
  test.each<[string, unknown, RegExp]>([
    ["no type", { ...whole, _type: undefined }, /_type/],
    ["an older type", { ...whole, _type: "https://in-toto.io/Statement/v0.1" }, /_type: expected/],
    ["no subjects", { ...whole, subject: [] }, /subject/],
    ["a subject without a digest", { ...whole, subject: [{ name: "x", digest: {} }] }, /subject\.0\.digest/],
    ["a digest too short", { ...whole, subject: [{ digest: { sha512: "ab" } }] }, /subject\.0\.digest\.sha512/],
    ["a digest in capitals", { ...whole, subject: [{ digest: { sha256: "A".repeat(64) } }] }, /digest\.sha256/],
    ["a predicate type that is no URI", { ...whole, predicateType: "provenance" }, /predicateType/],
    ["a predicate that is no object", { ...whole, predicate: [] }, /predicate/],
    ["no object", [], /statement: /],
    ["more subjects than anyone has", { ...whole, subject: Array(10_001).fill(subject) }, /subject/],
  ])("is refused with %s, naming the field", (_, value, field) => {
    expect(() => parse(value)).toThrow(
      expect.objectContaining({ code: "STATEMENT_INVALID", message: expect.stringMatching(field) }),
    );
  });

  test("is refused when it is no JSON, no UTF-8, begins with a byte order mark, or is over 32 MiB", () => {
    const text = JSON.stringify(whole);
    const bad = [Buffer.from("{"), Buffer.from([0x22, 0xff, 0x22]), Buffer.from(`\ufeff${text}`)];
    for (const bytes of [...bad, Buffer.from(text.padEnd(32 * 1024 * 1024 + 1))]) {
      expect(() => parseStatement(bytes)).toThrow(refusal("STATEMENT_INVALID"));
    }
  });

  test("cannot be made with a field that is wrong", () => {
    expect(() => createStatement({ ...parts, subjects: [] })).toThrow(refusal("STATEMENT_INVALID"));
    expect(() => createStatement({ ...parts, predicateType: "x" })).toThrow(refusal("STATEMENT_INVALID"));
  });
});

describe("canonical JSON", () => {
  test("is JSON of the same value, in the same bytes for every order of keys", () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(turnKeys(value))).toBe(canonicalJson(value));
      }),
    );
  });

  test("writes the example of RFC 8785", () => {
    const example = {
      numbers: [Number("333333333.33333329"), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"/",
      literals: [null, true, false],
    };
    expect(canonicalJson(example)).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 1n, () => 1, Symbol("x"), [undefined]])("refuses %s", (value) => {
    expect(() => canonicalJson({ value })).toThrow(refusal("STATEMENT_INVALID"));
  });

  const withHole = [1];
  withHole[2] = 3;
  test.each([
    ["a date", new Date(0)],
    ["a map", new Map([["a", 1]])],
    ["a set", new Set([1])],
    ["bytes", Buffer.from("a")],
    ["a list with a hole", withHole],
    ["a list of holes", Array(2)],
  ])("refuses %s, which would lose what it holds", (_, value) => {
    expect(() => canonicalJson({ value })).toThrow(refusal("STATEMENT_INVALID"));
  });

  test("takes objects without a prototype", () => {
    expect(canonicalJson(Object.assign(Object.create(null), { a: 1 }))).toBe('{"a":1}');
  });

  test("leaves out what is undefined", () => {
    expect(canonicalJson({ b: undefined, a: 1 })).toBe('{"a":1}');
  });
});

function turnKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turnKeys);
  if (typeof value !== "object" || value === null) return value;
  const turned = Object.entries(value).toReversed();
  return Object.fromEntries(turned.map(([key, member]) => [key, turnKeys(member)]));
}
