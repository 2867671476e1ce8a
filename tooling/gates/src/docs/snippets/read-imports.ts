import type typescript from "typescript";
import type { ExportDeclaration, Expression, ImportDeclaration, Node, SourceFile } from "typescript";

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
  const unpacked = readUnpacked(ts, source);
  const specifiers = new Set([...declared, ...unpacked].map(({ specifier }) => specifier));
  const others = ts
    .preProcessFile(source.text, true, true)
    .importedFiles.filter(({ fileName }) => !specifiers.has(fileName))
    .map(({ fileName, pos }) => ({
      specifier: fileName,
      names: [],
      line: source.getLineAndCharacterOfPosition(pos).line,
    }));
  return [...declared, ...unpacked, ...others].filter(
    ({ specifier }) => /^[@a-z]/i.test(specifier) && !specifier.includes(":"),
  );
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

/** Names that are taken out of a module that is imported later, or required: `const { a } = await import("b")`. */
function readUnpacked(ts: TypeScript, source: SourceFile): SnippetImport[] {
  const found: SnippetImport[] = [];
  const visit = (node: Node): void => {
    ts.forEachChild(node, visit);
    if (!ts.isVariableDeclaration(node) || !ts.isObjectBindingPattern(node.name)) return;
    const specifier = importedLater(ts, node.initializer);
    if (specifier === undefined) return;
    const { elements } = node.name;
    const names = elements.flatMap(({ name, propertyName = name, dotDotDotToken }) =>
      ts.isIdentifier(propertyName) && dotDotDotToken === undefined ? [propertyName.text] : [],
    );
    found.push({ specifier, names, line: source.getLineAndCharacterOfPosition(node.getStart(source)).line });
  };
  visit(source);
  return found;
}

function importedLater(ts: TypeScript, expression: Expression | undefined): string | undefined {
  if (expression === undefined) return undefined;
  if (ts.isAwaitExpression(expression)) return importedLater(ts, expression.expression);
  if (!ts.isCallExpression(expression)) return undefined;
  const { expression: called, arguments: values } = expression;
  const isImport =
    called.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(called) && called.text === "require");
  const [value] = values;
  return isImport && value !== undefined && ts.isStringLiteral(value) ? value.text : undefined;
}
