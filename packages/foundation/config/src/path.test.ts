import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatPath, parsePath } from "@hxp/config";

describe("paths", () => {
  test("are written as people read them", () => {
    expect(formatPath(["models", 0, "engine"])).toBe("models[0].engine");
    expect(formatPath(["labels", "a.b", "$x-1"])).toBe('labels["a.b"].$x-1');
    expect(formatPath([])).toBe("");
  });

  test("are read as they are written", () => {
    const segment = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.nat({ max: 999 }),
      fc.constantFrom("a", "b-c", "1", "[", '"', "."),
    );
    fc.assert(
      fc.property(fc.array(segment), (path) => {
        expect(parsePath(formatPath(path))).toEqual(path);
      }),
    );
  });

  test.each([".a", "a..b", "a[", "a[x]", 'a["x]', "a b", "[0]a", "a=b", '["\\q"]'])("are not read from %s", (text) => {
    expect(parsePath(text)).toBeUndefined();
  });
});
