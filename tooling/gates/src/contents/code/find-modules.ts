import { isBuiltin } from "node:module";
import type { AnyNode, CallExpression, ImportSpecifier } from "acorn";
import { capabilityOfModule } from "./capability.ts";
import { findGlobals } from "./find-globals.ts";
import { followValue } from "./follow-value.ts";
import type { ParsedCode } from "./parse-code.ts";
import { readText } from "./read-text.ts";

/** A module that code loads. */
export interface LoadedModule {
  /** Undefined where only the running program knows it. */
  specifier: string | undefined;
  /** The declaration or call that loads it. */
  node: AnyNode;
}

/** Finds every module that code loads: imports, re-exports, `import()`, and `require` under whatever name. */
export function findModules(code: ParsedCode): LoadedModule[] {
  const loaded = new Map<AnyNode, LoadedModule>();
  for (const node of code.nodes) {
    const source = sourceOf(node);
    if (source !== undefined) loaded.set(node, { specifier: readText(code, source), node });
    else if (node.type === "CallExpression" && isNamedRequire(code, node)) loaded.set(node, toLoaded(code, node));
  }
  const requires = followValue(code, findRequires(code)).calls;
  for (const node of requires) if (node.type === "CallExpression") loaded.set(node, toLoaded(code, node));
  return [...loaded.values()];
}

function sourceOf(node: AnyNode): AnyNode | undefined {
  if (node.type === "ImportDeclaration" || node.type === "ExportAllDeclaration") return node.source;
  if (node.type === "ExportNamedDeclaration") return node.source ?? undefined;
  return node.type === "ImportExpression" ? node.source : undefined;
}

function toLoaded(code: ParsedCode, node: CallExpression): LoadedModule {
  return { specifier: readText(code, node.arguments[0]), node };
}

/** The global `require`, `module.require`, and what `createRequire` returned. */
function findRequires(code: ParsedCode): AnyNode[] {
  const creators = code.nodes.flatMap((node) => (isCreateRequire(node) ? code.readsOf(node.local) : []));
  const created = code.nodes.filter((node) => node.type === "CallExpression" && calledName(node) === "createRequire");
  const fromModule = followValue(code, findGlobals(code, "module")).members;
  return [
    ...findGlobals(code, "require"),
    ...created,
    ...followValue(code, creators).calls,
    ...fromModule.filter(({ name }) => name === "require").flatMap(({ values }) => values),
  ];
}

/** `import { createRequire as anything }`. */
function isCreateRequire(node: AnyNode): node is ImportSpecifier {
  return node.type === "ImportSpecifier" && "name" in node.imported && node.imported.name === "createRequire";
}

/**
 * A call of something that has `require` or `getBuiltinModule` in its name with the name of a module: a bundler's shim,
 * `process.mainModule.require`, or an alias that cannot be followed.
 */
function isNamedRequire(code: ParsedCode, node: CallExpression): boolean {
  if (!/require|getBuiltinModule|_load$/i.test(calledName(node) ?? "")) return false;
  const text = readText(code, node.arguments[0]);
  return text !== undefined && (isBuiltin(text) || capabilityOfModule(text) !== undefined);
}

function calledName({ callee }: CallExpression): string | undefined {
  if (callee.type === "Identifier") return callee.name;
  return callee.type === "MemberExpression" && callee.property.type === "Identifier" ? callee.property.name : undefined;
}
