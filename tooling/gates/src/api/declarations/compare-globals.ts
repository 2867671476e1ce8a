import ts from "typescript";
import type { ApiChange } from "../api-change.ts";
import { clip } from "./type-walk.ts";

/**
 * Compares what a package declares for everybody (`declare global`, and additions to other modules), by its text: it
 * has no name to import, and it cannot be shown that another text breaks nobody.
 */
export function compareGlobals(program: ts.Program, name: string): ApiChange[] {
  const [before, after] = ["/before", "/after"].map((root) => readGlobals(program, `${root}/node_modules/${name}/`));
  if (before === undefined || after === undefined) return [];
  const common = { kind: "declarations" } as const;
  const compared = [...before].flatMap(([where, was]): ApiChange[] => {
    const is = after.get(where);
    if (is === was) return [];
    if (is === undefined) {
      const reason = "What was declared for all code is declared no longer.";
      return [{ ...common, where, change: "removed", before: clip(was), bump: "major", reason }];
    }
    const reason = "It cannot be shown that code that relies on the declaration still compiles.";
    return [{ ...common, where, change: "changed", before: clip(was), after: clip(is), bump: "major", reason }];
  });
  const added = [...after]
    .filter(([where]) => !before.has(where))
    .map(([where, is]): ApiChange => {
      return {
        ...common,
        where,
        change: "added",
        after: clip(is),
        bump: "minor",
        reason: "A declaration for all code.",
      };
    });
  return [...compared, ...added];
}

/** Blocks by what they add to, without white space and comments; several for one place are put together. */
function readGlobals(program: ts.Program, folder: string): Map<string, string> {
  const blocks = new Map<string, string>();
  for (const source of program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(folder))) {
    for (const statement of source.statements.filter(ts.isModuleDeclaration)) {
      const isGlobal = (statement.flags & ts.NodeFlags.GlobalAugmentation) !== 0;
      if (!isGlobal && !ts.isStringLiteral(statement.name)) continue;
      const where = isGlobal ? "declare global" : `declare module ${statement.name.getText()}`;
      blocks.set(where, [blocks.get(where) ?? "", printTokens(statement.body?.getText() ?? "")].join(" ").trim());
    }
  }
  return blocks;
}

/** A text of declarations without white space and comments. */
export function printTokens(text: string): string {
  const scanner = ts.createScanner(ts.ScriptTarget.ESNext, true, ts.LanguageVariant.Standard, text);
  const tokens: string[] = [];
  while (scanner.scan() !== ts.SyntaxKind.EndOfFileToken) tokens.push(scanner.getTokenText());
  return tokens.join(" ");
}
