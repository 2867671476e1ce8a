import { describe, expect, test } from "vitest";
import { absolutePath, defineSchema, httpUrl, secret, z } from "@hxp/config";
import { nearestKey } from "./nearest-key.ts";

function define(schema: z.ZodObject) {
  return defineSchema({ id: "urn:test", title: "Test", schema });
}

describe("defineSchema", () => {
  test.each([
    ["a key without a description", z.strictObject({ a: z.string() }), "a has no description"],
    [
      "a number without a unit",
      z.strictObject({ a: z.int().meta({ description: "A." }) }),
      "a is a number without a unit",
    ],
    [
      "an object that takes anything",
      z.object({ a: z.string().meta({ description: "A." }) }),
      "the root takes unknown keys",
    ],
    [
      "a nested object that takes anything",
      z.strictObject({ a: z.array(z.object({})).meta({ description: "A." }) }),
      "a takes unknown keys",
    ],
    [
      "a key under a name of the user's without a description",
      z.strictObject({ a: z.record(z.string(), z.strictObject({ b: z.string() })).meta({ description: "A." }) }),
      "a.b has no description",
    ],
    ["refinements at the root", z.strictObject({}).refine(() => true), "the root has refinements"],
  ])("refuses %s", (_, schema, message) => {
    expect(() => define(schema)).toThrow(
      expect.objectContaining({ code: "CONFIG_SCHEMA_INVALID", message: expect.stringContaining(message) }),
    );
  });

  test("names all faults at once", () => {
    expect(() => define(z.strictObject({ a: z.string(), b: z.string() }))).toThrow(
      /a has no description; b has no description/,
    );
  });

  test("takes numbers that count nothing: versions and choices", () => {
    const schema = z.strictObject({
      version: z.literal(1).meta({ description: "V." }),
      level: z.literal([1, 2]).meta({ description: "L." }),
    });
    expect(define(schema).id).toBe("urn:test");
  });
});

describe("the values", () => {
  test.each(["/a", "/opt/hxp", "/a b/c", "/a..b/.c"])("take %s as a path", (path) => {
    expect(absolutePath().safeParse(path).success).toBe(true);
  });

  test.each(["", "/", "a", "./a", "/a/", "//a", "/a//b", "/a/../b", "/..", "/a/.", "/a\nb", "/a\u0000"])(
    "do not take %j as a path",
    (path) => {
      expect(absolutePath().safeParse(path).success).toBe(false);
    },
  );

  test.each(["https://a", "http://127.0.0.1:4873/", "https://a.b/c/d"])("take %s as a URL", (url) => {
    expect(httpUrl().safeParse(url).success).toBe(true);
  });

  test.each([
    "a",
    "ftp://a",
    "https://",
    "https://u:p@a/",
    "https://u@a",
    "https://a?b",
    "https://a#b",
    "https://a b",
    "https://a:99999",
  ])("do not take %s as a URL", (url) => {
    expect(httpUrl().safeParse(url).success).toBe(false);
  });

  test("take no plain text as a secret", () => {
    expect(secret().safeParse("abc").success).toBe(false);
  });
});

describe("nearestKey", () => {
  const keys = ["registry", "trustedRoot", "minimumAge", "url"];
  test.each([
    ["regsitry", "registry"],
    ["trusted_root", "trustedRoot"],
    ["TRUSTEDROOT", "trustedRoot"],
    ["minAge", undefined],
    ["minimumage", "minimumAge"],
    ["uri", "url"],
    ["ur", undefined],
    ["cal", undefined],
    ["zzzzzz", undefined],
  ])("of %s is %s", (key, expected) => {
    expect(nearestKey(key, keys)).toBe(expected);
  });
});
