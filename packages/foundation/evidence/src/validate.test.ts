import { expect, test } from "vitest";
import { z } from "zod";
import { validate } from "./validate.ts";

const schema = z.looseObject({ list: z.array(z.number()) });
const options = { code: "STATEMENT_INVALID", what: "the thing", path: ["outer"] } as const;

test("a value that fits comes back as it came, itself", () => {
  const value = { list: [1], more: true };
  expect(validate(schema, value, options)).toBe(value);
});

test("a value that does not fit is refused with the first five problems, and how many more there are", () => {
  const value = { list: ["a", "b", "c", "d", "e", "f", "g"] };
  expect(() => validate(schema, value, options)).toThrow(
    /^the thing: outer\.list\.0: .*outer\.list\.4: .*; and 2 more$/,
  );
});
