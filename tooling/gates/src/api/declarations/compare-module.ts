import type ts from "typescript";
import type { ApiChange } from "../api-change.ts";
import { compareExport, type ModuleOptions, textOf } from "./compare-export.ts";
import { findRoles } from "./find-roles.ts";
import { type ExportedName, findExport, readExports } from "./read-exports.ts";
import { describeType } from "./type-walk.ts";

/** Compares what a module exports before and after, name by name. */
export function compareModule(
  options: ModuleOptions,
  { before, after }: { before: ts.Symbol; after: ts.Symbol },
): ApiChange[] {
  const [was, is] = [readExports(options, before), readExports(options, after)];
  const roles = findRoles(options, {
    values: [...was.values()].filter(({ isValue }) => isValue).map(({ symbol }) => symbol),
    types: [...was.values()].filter(({ isType }) => isType).map(({ symbol }) => symbol),
  });
  const expected = findExpected(options, was, is);
  const changes = [...was].flatMap(([name, exported]) =>
    compareExport(options, {
      where: `${options.prefix}${name}`,
      before: exported,
      after: is.get(name) ?? findExport(options, after, name),
      roles,
      expected,
      use: options.hints.get(name)?.use,
    }),
  );
  for (const [name, { symbol }] of is) {
    if (was.has(name) || findExport(options, before, name) !== undefined) continue;
    const where = `${options.prefix}${name}`;
    changes.push({
      kind: "declarations",
      where,
      change: "added",
      after: textOf(symbol),
      bump: "minor",
      reason: "A new export.",
    });
  }
  return changes;
}

/** Members that are new in unions which the policy says to grow. */
function findExpected(
  options: ModuleOptions,
  was: ReadonlyMap<string, ExportedName>,
  is: ReadonlyMap<string, ExportedName>,
): ReadonlySet<string> {
  const membersOf = (exported: ExportedName | undefined): string[] => {
    if (exported === undefined) return [];
    const type = options.checker.getDeclaredTypeOfSymbol(exported.symbol);
    return (type.isUnion() ? type.types : [type]).map((member) => describeType(options, member));
  };
  const open = [...options.hints].filter(([, hint]) => hint.open).map(([name]) => name);
  return new Set(
    open.flatMap((name) => {
      const known = new Set(membersOf(was.get(name)));
      return membersOf(is.get(name)).filter((text) => !known.has(text));
    }),
  );
}
