import type { AnyNode } from "acorn";
import { isCredentialVariable } from "./credential-names.ts";
import type { Sighting } from "./find-capabilities.ts";
import { findGlobals } from "./find-globals.ts";
import type { LoadedModule } from "./find-modules.ts";
import { followValue, type MemberUse } from "./follow-value.ts";
import type { ParsedCode } from "./parse-code.ts";

/** Variables that say where the user's home is. */
const homeVariables = new Set(["HOME", "USERPROFILE", "HOMEPATH", "APPDATA", "LOCALAPPDATA", "XDG_CONFIG_HOME"]);

/** Finds what code takes from the environment: variables by name, all of them at once, and the home folder. */
export function findEnvironmentUses(code: ParsedCode, modules: readonly LoadedModule[]): Sighting[] {
  const fromProcess = followValue(code, [
    ...findGlobals(code, "process"),
    ...modulesNamed(code, modules, "process"),
  ]).members;
  const named = [...fromProcess, ...importsFrom(code, modules, "process")];
  const environments = named.filter(({ name }) => name === "env");
  const { members, others, calls } = followValue(
    code,
    environments.flatMap(({ values }) => values),
  );
  return [
    ...members.flatMap((member) => sightVariable(member)),
    ...[...others, ...calls].map((node) => sightWhole(code, node)),
    ...fromProcess.filter(({ name }) => name === undefined).map(({ node }) => whole("process[…]", node)),
    ...fromProcess.filter(({ name }) => name === "binding").map(({ node }) => native("process.binding", node)),
    ...sightHome(code, modules),
  ];
}

function sightVariable({ name, node }: MemberUse): Sighting[] {
  if (name === undefined) return [whole("process.env[…]", node)];
  const found: Sighting[] = [{ capability: "environment", evidence: `process.env.${name}`, node }];
  if (isCredentialVariable(name)) found.push({ capability: "credentials", evidence: `process.env.${name}`, node });
  if (homeVariables.has(name)) found.push({ capability: "home", evidence: `process.env.${name}`, node });
  return found;
}

/** An environment that is handed on may be read by name elsewhere; one that is copied or counted is taken as a whole. */
function sightWhole(code: ParsedCode, node: AnyNode): Sighting {
  const parent = code.parentOf(node);
  const copy = copyingCall(parent);
  if (copy !== undefined) return whole(`${copy}(process.env)`, node);
  if (parent?.type === "SpreadElement") return whole("{ ...process.env }", node);
  const isLoop = parent?.type === "ForInStatement" || parent?.type === "ForOfStatement";
  if (isLoop) return whole("a loop over process.env", node);
  return { capability: "environment", evidence: "process.env, handed on", node };
}

/** The name of a call that takes an object apart, such as `Object.keys`; undefined for any other. */
function copyingCall(node: AnyNode | undefined): string | undefined {
  if (node?.type !== "CallExpression" || node.callee.type !== "MemberExpression") return undefined;
  const { object, property } = node.callee;
  const isCopy = object.type === "Identifier" && /^(?:Object|JSON|Reflect)$/.test(object.name);
  return isCopy ? `${object.name}.${property.type === "Identifier" ? property.name : "…"}` : undefined;
}

function sightHome(code: ParsedCode, modules: readonly LoadedModule[]): Sighting[] {
  const members = followValue(code, modulesNamed(code, modules, "os")).members;
  return [...members, ...importsFrom(code, modules, "os")]
    .filter(({ name }) => name === "homedir" || name === "userInfo")
    .map(({ name, node }) => ({ capability: "home", evidence: `os.${name}`, node }));
}

/** Expressions that stand for a module of Node: names of its default and namespace imports, and `require` calls. */
function modulesNamed(code: ParsedCode, modules: readonly LoadedModule[], module: string): AnyNode[] {
  return ofModule(modules, module).flatMap(({ node }) => {
    if (node.type !== "ImportDeclaration") return [node];
    return node.specifiers.flatMap((specifier) =>
      specifier.type === "ImportSpecifier" ? [] : [...code.readsOf(specifier.local)],
    );
  });
}

function importsFrom(code: ParsedCode, modules: readonly LoadedModule[], module: string): MemberUse[] {
  return ofModule(modules, module).flatMap(({ node }) => {
    if (node.type !== "ImportDeclaration") return [];
    return node.specifiers.flatMap((specifier): MemberUse[] => {
      if (specifier.type !== "ImportSpecifier") return [];
      const { imported, local } = specifier;
      const name = imported.type === "Identifier" ? imported.name : String(imported.value);
      return [{ name, node: specifier, values: [...code.readsOf(local)] }];
    });
  });
}

function ofModule(modules: readonly LoadedModule[], module: string): LoadedModule[] {
  return modules.filter(({ specifier }) => specifier === module || specifier === `node:${module}`);
}

function whole(evidence: string, node: AnyNode): Sighting {
  return { capability: "whole-environment", evidence, node };
}

function native(evidence: string, node: AnyNode): Sighting {
  return { capability: "native", evidence, node };
}
