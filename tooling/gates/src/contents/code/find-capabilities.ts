import type { AnyNode } from "acorn";
import { capabilityByGlobal, capabilityOfModule, type Capability, type CapabilityUse } from "./capability.ts";
import { isCredentialText } from "./credential-names.ts";
import { findEnvironmentUses } from "./find-environment-uses.ts";
import { findEvaluations } from "./find-evaluations.ts";
import { findGlobals } from "./find-globals.ts";
import { findModules } from "./find-modules.ts";
import type { ParsedCode } from "./parse-code.ts";
import { readText } from "./read-text.ts";

/** Something that a detector saw, still with its place in the code. */
export interface Sighting {
  capability: Capability;
  evidence: string;
  node: AnyNode;
}

/** Finds what code can do, by its syntax and scopes; comments and texts that only mention something do not count. */
export function findCapabilities(code: ParsedCode): CapabilityUse[] {
  const modules = findModules(code);
  const sightings = [
    ...modules.flatMap(({ specifier, node }) => sightModule(specifier, node)),
    ...modules.flatMap(({ specifier, node }) => (specifier === undefined ? [computedImport(node)] : [])),
    ...[...capabilityByGlobal].flatMap(([name, capability]) =>
      findGlobals(code, name).map((node): Sighting => ({ capability, evidence: name, node })),
    ),
    ...findEvaluations(code),
    ...findEnvironmentUses(code, modules),
    ...sightCredentials(code),
  ];
  return firstOfEach(sightings);
}

function sightModule(specifier: string | undefined, node: AnyNode): Sighting[] {
  if (specifier === undefined) return [];
  if (/^(?:data|blob):/.test(specifier)) return [{ capability: "eval", evidence: "import of a data: URL", node }];
  if (/^https?:/.test(specifier)) {
    const evidence = `import of ${specifier.slice(0, 100)}`;
    return [
      { capability: "network", evidence, node },
      { capability: "eval", evidence, node },
    ];
  }
  const capability = capabilityOfModule(specifier);
  return capability === undefined ? [] : [{ capability, evidence: specifier, node }];
}

function computedImport(node: AnyNode): Sighting {
  const evidence = node.type === "ImportExpression" ? "import(…)" : "require(…)";
  return { capability: "computed-import", evidence, node };
}

function sightCredentials(code: ParsedCode): Sighting[] {
  return code.nodes.flatMap((node): Sighting[] => {
    const isText = node.type === "Literal" || node.type === "TemplateLiteral" || node.type === "BinaryExpression";
    const text = isText ? readText(code, node) : undefined;
    if (text === undefined || !isCredentialText(text)) return [];
    return [{ capability: "credentials", evidence: text, node }];
  });
}

/** One use for each capability and evidence, with its first line. */
function firstOfEach(sightings: readonly Sighting[]): CapabilityUse[] {
  const uses = new Map<string, CapabilityUse>();
  for (const { capability, evidence, node } of sightings) {
    const key = `${capability} ${evidence}`;
    const line = node.loc?.start.line ?? 1;
    const known = uses.get(key);
    if (known === undefined || line < known.line) uses.set(key, { capability, evidence, line });
  }
  return [...uses.values()];
}
