import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { readPublishedPackages, root } from "./workspace-files.ts";

/** The source file of each subpath that has code. */
const entries = readPublishedPackages().flatMap(({ folder, manifest }) =>
  Object.entries(manifest.exports ?? {}).flatMap(([subpath, target]) => {
    const source = typeof target === "string" ? undefined : target["@hxp/source"];
    const specifier = subpath === "." ? manifest.name : `${manifest.name}${subpath.slice(1)}`;
    return source === undefined ? [] : [{ specifier, file: join(root, folder, source) }];
  }),
);

const { options } = ts.parseJsonConfigFileContent(
  ts.readConfigFile(join(root, "tsconfig.json"), (path) => ts.sys.readFile(path)).config,
  { ...ts.sys, readDirectory: () => [] },
  root,
);
const program = ts.createProgram({ rootNames: entries.map(({ file }) => file), options });
const checker = program.getTypeChecker();

/** `name` for values, `type name` for what only types can use, in the order of the alphabet. */
function readNames(file: string): string[] {
  const source = program.getSourceFile(file);
  const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`${file} is not a module`);
  return checker
    .getExportsOfModule(module)
    .map((symbol) => {
      const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      return `${target.flags & ts.SymbolFlags.Value ? "" : "type "}${symbol.name}`;
    })
    .toSorted((left, right) => left.replace("type ", "").localeCompare(right.replace("type ", ""), "en"));
}

test("what packages export is what the snapshot says: a name that appears or goes is a decision", async () => {
  const text = entries.map(({ specifier, file }) =>
    [specifier, ...readNames(file).map((name) => `  ${name}`)].join("\n"),
  );
  await expect(`${text.join("\n\n")}\n`).toMatchFileSnapshot("exported-names.txt");
});

test("no entry exports a default or nothing at all", () => {
  for (const { specifier, file } of entries) {
    const names = readNames(file);
    expect(names.length, specifier).toBeGreaterThan(0);
    expect(names, specifier).not.toContain("default");
    expect(names, specifier).not.toContain("type default");
  }
});
