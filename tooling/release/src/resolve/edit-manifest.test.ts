import { expect, test } from "vitest";
import { editManifest } from "./edit-manifest.ts";

const text = `{
    "name": "a", "version": "1.0.0",
    "files": ["dist", "x"],
    "devDependencies": { "b": "^1.0.0" },
    "dependencies": {
        "b.c": "^1.0.0",
        "b":   "^1.0.0"
    }
}
`;

test("changes one range and not a character beside it", () => {
  expect(editManifest(text, { field: "dependencies", name: "b", range: "^2.0.0" })).toBe(
    text.replace('"b":   "^1.0.0"', '"b":   "^2.0.0"'),
  );
  expect(editManifest(text, { field: "devDependencies", name: "b", range: "~1.0.0 || $&" })).toBe(
    text.replace('{ "b": "^1.0.0" }', () => '{ "b": "~1.0.0 || $&" }'),
  );
});

test("adds an entry in its place, with the indent and the end of the file", () => {
  const added = editManifest(text, { field: "dependencies", name: "b-z", range: "1" });
  expect(Object.keys((JSON.parse(added) as { dependencies: object }).dependencies)).toEqual(["b", "b-z", "b.c"]);
  expect(added).toMatch(/^\{\n {4}"name"/);
  expect(added.endsWith("}\n")).toBe(true);
  expect(editManifest('{"name":"a"}', { field: "peerDependencies", name: "b", range: "1" })).toBe(
    '{\n  "name": "a",\n  "peerDependencies": {\n    "b": "1"\n  }\n}',
  );
});
