import { expect, test } from "vitest";
import { readSurface } from "./read-surface.ts";

const base = { name: "@acme/app", version: "1.0.0" };

function specifiersOf(manifest: object, files: string[] = []): string[] {
  return readSurface({ ...base, ...manifest }, files).imports.map(({ specifier }) => specifier);
}

test.each<[string, object, string[]]>([
  ["a text", { exports: "./index.js" }, ["@acme/app"]],
  ["conditions alone", { exports: { import: "./index.js" } }, ["@acme/app"]],
  ["subpaths", { exports: { ".": "./a.js", "./b": { default: "./b.js" } } }, ["@acme/app", "@acme/app/b"]],
  ["a fallback", { exports: { ".": ["./a.js", "./b.js"] } }, ["@acme/app"]],
  ["main", { main: "index" }, ["@acme/app"]],
  ["nothing but types", { exports: { ".": { types: "./index.d.ts" }, "./t": "./t.d.mts" } }, []],
  ["what is closed off", { exports: { ".": "./a.js", "./internal/*": null } }, ["@acme/app"]],
  ["no entry at all", { bin: "./bin.js" }, []],
])("reads %s", (_title, manifest, specifiers) => {
  expect(specifiersOf(manifest)).toEqual(specifiers);
});

test("a pattern stands for each packed file that it matches", () => {
  const exports = { "./features/*": "./dist/features/*.js" };
  const files = ["dist/features/a.js", "dist/features/deep/b.js", "dist/features/a.d.ts", "dist/other.js"];
  expect(specifiersOf({ exports }, files)).toEqual(["@acme/app/features/a", "@acme/app/features/deep/b"]);
});

test("says where require has a way of its own", () => {
  const exports = { ".": { import: "./a.mjs", require: { default: "./a.cjs" } }, "./b": "./b.js" };
  expect(readSurface({ ...base, exports }, []).imports.map(({ hasRequire }) => hasRequire)).toEqual([true, false]);
});

test("reads bins, with or without names of their own", () => {
  expect(readSurface({ ...base, bin: "./bin.js" }, []).bins).toEqual(["app"]);
  expect(readSurface({ ...base, bin: { one: "./1.js", two: "./2.js" } }, []).bins).toEqual(["one", "two"]);
});
