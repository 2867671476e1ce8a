import ts from "typescript";
import type { PackedPackage } from "../packed-package.ts";
import { placePackage } from "./place-package.ts";

/** Files that stand for a consumer of a package, and the package's declarations, in the imaginary file system. */
export function placeConsumer(root: string, item: PackedPackage): [string, string][] {
  const specifiers = listEntries(item).map((subpath) => JSON.stringify(item.name + subpath.slice(1)));
  const imports = specifiers.map((text, index) => `import * as entry${index} from ${text};\nvoid entry${index};\n`);
  const requires = specifiers.map((text, index) => `import entry${index} = require(${text});\nvoid entry${index};\n`);
  return [
    [`${root}/consumer.mts`, imports.join("")],
    [`${root}/consumer.cts`, requires.join("")],
    ...placePackage(root, item),
  ];
}

/** The consumers under a root, which is where a program begins. */
export function consumersOf(root: string): string[] {
  return [`${root}/consumer.mts`, `${root}/consumer.cts`];
}

/** Subpaths that can be imported and are no data. */
export function listEntries({ subpaths }: PackedPackage): string[] {
  return subpaths.filter((subpath) => !/\.(json|css|wasm|node|md|txt|map)$/.test(subpath));
}

/** What a consumer gets by require where that is another file than by import is kept by this ending. */
export const requireEnding = " (require)";

/**
 * The module behind each subpath, by import, or by require where import finds none; and by require once more, with its
 * ending, where that finds other declarations. None where there are no declarations.
 */
export function findModules(program: ts.Program, root: string): ReadonlyMap<string, ts.Symbol> {
  const [imported, required] = consumersOf(root).map((file) => readModules(program, file));
  const modules = new Map(imported);
  for (const [subpath, module] of required ?? []) {
    const other = modules.get(subpath);
    if (other === undefined) modules.set(subpath, module);
    else if (other !== module) modules.set(`${subpath}${requireEnding}`, module);
  }
  return modules;
}

function readModules(program: ts.Program, file: string): Map<string, ts.Symbol> {
  const checker = program.getTypeChecker();
  const modules = new Map<string, ts.Symbol>();
  for (const statement of program.getSourceFile(file)?.statements ?? []) {
    const specifier = specifierOf(statement);
    const symbol = specifier === undefined ? undefined : checker.getSymbolAtLocation(specifier);
    if (specifier !== undefined && symbol !== undefined) modules.set(subpathOf(specifier.text), symbol);
  }
  return modules;
}

function specifierOf(statement: ts.Statement): ts.StringLiteral | undefined {
  const node = ts.isImportDeclaration(statement) ? statement.moduleSpecifier : requiredBy(statement);
  return node !== undefined && ts.isStringLiteral(node) ? node : undefined;
}

function requiredBy(statement: ts.Statement): ts.Expression | undefined {
  if (!ts.isImportEqualsDeclaration(statement)) return undefined;
  const { moduleReference } = statement;
  return ts.isExternalModuleReference(moduleReference) ? moduleReference.expression : undefined;
}

function subpathOf(specifier: string): string {
  const parts = specifier.split("/");
  return [".", ...parts.slice(specifier.startsWith("@") ? 2 : 1)].join("/");
}
