import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { readConsumerSurface, renderImportCheck, renderTypeCheck } from "./check-script.ts";

const name = "@acme/core";

function surface(manifest: Record<string, unknown>) {
  const { imports, types, bins } = readConsumerSurface({ name, ...manifest });
  return { imports, types, bins };
}

describe("what a consumer can import", () => {
  test("is each subpath of the exports map, JSON included", () => {
    const exports = {
      ".": { types: "./index.d.ts", default: "./index.js" },
      "./deep/part": "./deep.mjs",
      "./package.json": "./package.json",
    };
    expect(surface({ exports })).toEqual({
      imports: [name, `${name}/deep/part`, `${name}/package.json`],
      types: [name],
      bins: [],
    });
  });

  test.each([
    ["./index.js", [name]],
    [{ import: "./index.mjs", require: "./index.cjs" }, [name]],
    [{ node: { types: "./n.d.ts", default: { import: "./n.js" } } }, [name]],
    [["./index.js", "./fallback.js"], [name]],
    [null, []],
    [{ ".": null }, []],
    [{ ".": { types: "./index.d.ts" } }, []],
    [{ "./style.css": "./style.css", "./types": "./index.d.ts", "./addon": "./addon.node" }, []],
    [{ "./*": "./*.js", "./folder/": "./folder/" }, []],
  ])("of exports %j is %j", (exports, imports) => {
    expect(surface({ exports }).imports).toEqual(imports);
  });

  test.each([
    [{ main: "./index.js" }, [name]],
    [{ main: "lib/index" }, [name]],
    [{ module: "./index.mjs" }, [name]],
    [{ main: "" }, []],
    [{}, []],
  ])("without exports, of %j is %j", (manifest, imports) => {
    expect(surface(manifest).imports).toEqual(imports);
  });
});

describe("what a consumer can type-check", () => {
  test("is each subpath with types, at whatever depth, and a subpath of types alone", () => {
    const exports = {
      ".": { import: { types: "./index.d.mts", default: "./index.mjs" }, require: { default: "./index.cjs" } },
      "./types": { types: "./types.d.ts" },
      "./plain": "./plain.js",
    };
    expect(surface({ exports }).types).toEqual([name, `${name}/types`]);
  });

  test.each([{ types: "./index.d.ts" }, { typings: "./index.d.ts" }])("is a package with %o of old", (old) => {
    expect(surface({ main: "./index.js", ...old }).types).toEqual([name]);
  });

  test("is nothing because something else of the manifest is called types", () => {
    const others = { scripts: { types: "tsc" }, dependencies: { types: "1.0.0" } };
    expect(surface({ main: "./index.js", ...others }).types).toEqual([]);
  });
});

test.each([
  [undefined, []],
  ["./cli.js", ["core"]],
  [{ one: "./one.js", two: "./two.js" }, ["one", "two"]],
])("a bin of %j is run as %j", (bin, bins) => {
  expect(surface({ bin }).bins).toEqual(bins);
});

/** A consumer project with these packages installed. */
function consumer(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

describe("the import check", () => {
  const manifest = {
    name: "core",
    type: "module",
    exports: {
      ".": "./index.js",
      "./broken": "./broken.js",
      "./gone": "./gone.js",
      "./package.json": "./package.json",
    },
  };
  const run = (files: Record<string, string>): { specifier: string; message: string }[] => {
    const folder = consumer({ ...files, "check.mjs": renderImportCheck([readConsumerSurface(manifest)]) });
    const output = execFileSync(process.execPath, ["check.mjs"], { cwd: folder, encoding: "utf8" }).trimEnd();
    return JSON.parse(output.slice(output.lastIndexOf("\n") + 1)) as { specifier: string; message: string }[];
  };
  const whole = {
    "node_modules/core/package.json": JSON.stringify(manifest),
    "node_modules/core/index.js": "console.log('loaded'); setInterval(() => {}, 1000);",
    "node_modules/core/broken.js": "",
    "node_modules/core/gone.js": "",
  };

  test("finds nothing where every export loads, even one that prints and stays alive", () => {
    expect(run(whole)).toEqual([]);
  });

  test("names each export that does not, with why, and tries the others all the same", () => {
    const { "node_modules/core/gone.js": _, ...files } = whole;
    const failures = run({ ...files, "node_modules/core/broken.js": "throw new Error('no luck');" });
    expect(failures).toEqual([
      { specifier: "core/broken", message: expect.stringContaining("no luck") },
      { specifier: "core/gone", message: expect.stringContaining("gone.js") },
    ]);
  });
});

test("the type check is a module that uses every types entry, and one that compiles when there is none", () => {
  const [one, two] = [
    { name: "a", types: ["a", "a/sub"] },
    { name: "b", types: ["b"] },
  ].map((parts) => ({ ...parts, imports: [], bins: [] }));
  const text = renderTypeCheck([one!, two!]);
  expect(text.match(/^import \* as \w+ from "(.*)";$/gm)).toHaveLength(3);
  expect(new Set(text.match(/Names\d+/g)).size).toBe(3);
  expect(renderTypeCheck([])).toBe("\nexport {};\n");
});
