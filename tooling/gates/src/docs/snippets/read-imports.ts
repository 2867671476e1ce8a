import type typescript from "typescript";
import type { ExportDeclaration, ImportDeclaration, SourceFile } from "typescript";

type TypeScript = typeof typescript;

/** What a snippet imports from one module. */
export interface SnippetImport {
  specifier: string;
  /** Names that it imports; `default` for a default import. */
  names: string[];
  /** Line in the snippet, from 0. */
  line: number;
}

/** Lists the imports of packages in a snippet: static, dynamic, `require` and re-exports. */
export function readImports(ts: TypeScript, source: SourceFile): SnippetImport[] {
  const declared = source.statements.flatMap((statement): SnippetImport[] => {
    const isDeclaration = ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement);
    if (!isDeclaration || statement.moduleSpecifier === undefined) return [];
    if (!ts.isStringLiteral(statement.moduleSpecifier)) return [];
    const { line } = source.getLineAndCharacterOfPosition(statement.getStart(source));
    return [{ specifier: statement.moduleSpecifier.text, names: namesOf(ts, statement), line }];
  });
  const specifiers = new Set(declared.map(({ specifier }) => specifier));
  const others = ts
    .preProcessFile(source.text, true, true)
    .importedFiles.filter(({ fileName }) => !specifiers.has(fileName))
    .map(({ fileName, pos }) => ({
      specifier: fileName,
      names: [],
      line: source.getLineAndCharacterOfPosition(pos).line,
    }));
  return [...declared, ...others].filter(({ specifier }) => /^[@a-z]/i.test(specifier) && !specifier.includes(":"));
}

function namesOf(ts: TypeScript, statement: ImportDeclaration | ExportDeclaration): string[] {
  if (ts.isExportDeclaration(statement)) {
    const { exportClause } = statement;
    return exportClause !== undefined && ts.isNamedExports(exportClause)
      ? exportClause.elements.map(({ name, propertyName }) => (propertyName ?? name).text)
      : [];
  }
  const { name, namedBindings } = statement.importClause ?? {};
  const named =
    namedBindings !== undefined && ts.isNamedImports(namedBindings)
      ? namedBindings.elements.map((element) => (element.propertyName ?? element.name).text)
      : [];
  return name === undefined ? named : ["default", ...named];
}
