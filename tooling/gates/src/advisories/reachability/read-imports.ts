import { type AnyNode, type CallExpression, type Identifier, type NewExpression, parse } from "acorn";
import { fullAncestor } from "acorn-walk";

/** How a file uses another module. */
interface ModuleUse {
  /** As written: `lodash`, `lodash/template`, `./x.js`. */
  specifier: string;
  /** Exports by name; `*` for the whole module. */
  names: string[];
}

/** What a file of JavaScript says about other modules. */
export interface FileImports {
  uses: ModuleUse[];
  /** Every text in the code: a module can be named in one place and loaded in another. */
  texts: Set<string>;
  /** Names of all identifiers and properties. */
  identifiers: Set<string>;
  /** Why more than `uses` may be loaded, as a computed `import()`; undefined if that is all. */
  opaque?: string;
}

/** Reads the imports of a file, as an ES module or CommonJS. Throws SyntaxError for what is not JavaScript. */
export function readImports(code: string): FileImports {
  const found: FileImports = { uses: [], texts: new Set(), identifiers: new Set() };
  fullAncestor(parseCode(code), (node, _state, ancestors) => {
    // The node itself is the last of its ancestors; a pattern's is there twice, under two types.
    const parents = ancestors.filter((ancestor) => ancestor !== node);
    readNode(node, found, parents);
  });
  return found;
}

function parseCode(code: string): AnyNode {
  const options = { ecmaVersion: "latest", allowHashBang: true } as const;
  try {
    return parse(code, { ...options, sourceType: "module" });
  } catch {
    return parse(code, { ...options, sourceType: "commonjs" });
  }
}

function readNode(node: AnyNode, found: FileImports, parents: readonly AnyNode[]): void {
  if (node.type === "Identifier") readIdentifier(node, found, parents);
  else if (node.type === "CallExpression" || node.type === "NewExpression") readCall(node, found);
  else if (node.type === "ImportExpression") addLoad(node.source, "a computed `import()`", found);
  else if (isDeclaration(node)) readDeclaration(node, found);
  else if (node.type === "Literal" && typeof node.value === "string") found.texts.add(node.value);
  else if (node.type === "TemplateElement") found.texts.add(node.value.cooked ?? node.value.raw);
  else for (const name of propertiesOf(node)) addName(name, found);
}

/** Names that a node has beside its children: the walk goes into neither the key of a pattern nor what a dot is before. */
function propertiesOf(node: AnyNode): AnyNode[] {
  if (node.type === "MemberExpression") return node.computed ? [] : [node.property];
  if (node.type === "Property") return node.computed ? [] : [node.key];
  return node.type === "ObjectPattern" ? node.properties.flatMap(propertiesOf) : [];
}

type Declaration = Extract<AnyNode, { type: "ImportDeclaration" | "ExportNamedDeclaration" | "ExportAllDeclaration" }>;

function isDeclaration(node: AnyNode): node is Declaration {
  return ["ImportDeclaration", "ExportNamedDeclaration", "ExportAllDeclaration"].includes(node.type);
}

function readDeclaration(node: Declaration, found: FileImports): void {
  if (typeof node.source?.value !== "string") return;
  const names = node.type === "ExportAllDeclaration" ? ["*"] : node.specifiers.map(importedName);
  addUse({ specifier: node.source.value, names }, found);
}

/** Modules of Node that load or start what only the running program knows. */
const loaders = new Set(["module", "vm", "child_process", "worker_threads", "cluster"]);

function addUse(use: ModuleUse, found: FileImports): void {
  found.uses.push(use);
  if (loaders.has(use.specifier.replace(/^node:/, "")))
    found.opaque ??= `\`${use.specifier}\`, which can load anything`;
}

type Specifier = Extract<Declaration, { specifiers: unknown[] }>["specifiers"][number];

function importedName(specifier: Specifier): string {
  if (specifier.type === "ImportNamespaceSpecifier" || specifier.type === "ImportDefaultSpecifier") return "*";
  const name = specifier.type === "ImportSpecifier" ? specifier.imported : specifier.local;
  const text = name.type === "Literal" ? String(name.value) : name.name;
  // The default export of a CommonJS module is the whole of it.
  return text === "default" ? "*" : text;
}

function readCall({ callee, arguments: [argument] }: CallExpression | NewExpression, found: FileImports): void {
  if (isNamed(callee, "eval") || isNamed(callee, "Function")) found.opaque ??= "code made of text";
  const isResolve = callee.type === "MemberExpression" && isNamed(callee.property, "resolve");
  const isRequire = isNamed(callee, "require") || (isResolve && isNamed(callee.object, "require"));
  if (isRequire) addLoad(argument, "a computed `require`", found);
  else if (isResolve && callee.object.type === "MetaProperty") {
    addLoad(argument, "a computed `import.meta.resolve`", found);
  }
}

/** `require` that is handed on, or made anew, can load anything. */
function readIdentifier(node: Identifier, found: FileImports, parents: readonly AnyNode[]): void {
  found.identifiers.add(node.name);
  if (node.name !== "require") return;
  if (!isPlainUse(node, parents.at(-1))) found.opaque ??= "`require` as a value";
}

function isPlainUse(node: Identifier, parent: AnyNode | undefined): boolean {
  if (parent?.type === "CallExpression") return parent.callee === node;
  if (parent?.type === "UnaryExpression") return parent.operator === "typeof";
  if (parent?.type !== "MemberExpression") return false;
  return ["resolve", "main", "cache"].some((name) => isNamed(parent.property, name));
}

function addName(node: AnyNode, found: FileImports): void {
  if (node.type === "Identifier") found.identifiers.add(node.name);
  // As `process.mainModule.require` and `process.getBuiltinModule`.
  if (isNamed(node, "require") || isNamed(node, "getBuiltinModule")) found.opaque ??= "`require` of another module";
}

function addLoad(argument: AnyNode | undefined, what: string, found: FileImports): void {
  const text = argument === undefined ? undefined : literalText(argument);
  if (text === undefined) found.opaque ??= what;
  else addUse({ specifier: text, names: ["*"] }, found);
}

function literalText(node: AnyNode): string | undefined {
  if (node.type === "Literal" && typeof node.value === "string") return node.value;
  if (node.type !== "TemplateLiteral" || node.expressions.length > 0) return undefined;
  return node.quasis[0]?.value.cooked ?? undefined;
}

function isNamed(node: AnyNode, name: string): boolean {
  return node.type === "Identifier" && node.name === name;
}
