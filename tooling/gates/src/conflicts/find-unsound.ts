import { valid } from "semver";
import type { Component } from "../closure/component.ts";
import type { Observation } from "../create-gate.ts";
import type { ConflictsPolicy } from "../policy/conflicts-policy.ts";
import { isNamedBy } from "./is-named-by.ts";
import { type ConflictFacts, depthOf, type ReleaseGraph, wayTo } from "./release-graph.ts";

/** Finds dependencies that are unknown, not from a registry, deprecated, or run scripts when they are installed. */
export function findUnsound(graph: ReleaseGraph, facts: ConflictFacts): Observation[] {
  return graph.closure.components.flatMap((component) => {
    if (component.folder !== undefined) return [];
    if (isExotic(component)) return [exotic(graph, component), ...findScripts(graph, component, facts)];
    return [
      ...findUnknown(graph, component, facts),
      ...findDeprecation(graph, component, facts),
      ...findScripts(graph, component, facts),
    ];
  });
}

/** Whether a component comes from git, a URL or a file: then it has no version of a registry in its id. */
export function isExotic({ id, name, folder }: Component): boolean {
  return folder === undefined && valid(id.slice(name.length + 1)) === null;
}

/** Finds dependencies by file, link, git or URL that a released package names in its own manifest. */
export function findExoticRanges(graph: ReleaseGraph): Observation[] {
  const { dependencies, optionalDependencies } = graph.root.manifest;
  return Object.entries({ ...dependencies, ...optionalDependencies }).flatMap(([name, range]) => {
    if (!/^(file|link|portal):/.test(range)) return [];
    const observation: Observation = {
      rule: "source-exotic",
      package: graph.released.name,
      dependency: name,
      where: `${graph.closure.root.folder}/package.json dependencies.${name}`,
      message: `${graph.released.name} asks for ${name} by ${range}.`,
      why: "Consumers do not have that folder: they cannot install the package.",
      fix: `Write \`workspace:^\` for a package of this workspace, else a range of what the registry has.`,
      severity: "error",
    };
    return [observation];
  });
}

function about(graph: ReleaseGraph, { id }: Component): Pick<Observation, "package" | "dependency" | "where"> {
  return { package: graph.released.name, dependency: id, where: wayTo(graph, id) };
}

function exotic(graph: ReleaseGraph, component: Component): Observation {
  return {
    ...about(graph, component),
    rule: "source-exotic",
    message: `${component.id} comes from no registry.`,
    why: "What an address serves can change or vanish at any time, and no registry vouches for who published it.",
    fix: `Depend on a version of ${component.name} from the registry, or publish a fork of it there.`,
    severity: "error",
  };
}

function findUnknown(graph: ReleaseGraph, component: Component, { packages }: ConflictFacts): Observation[] {
  const { name, version, id } = component;
  const known = packages.get(name);
  if (known?.version(version) !== undefined) return [];
  const observation: Observation = {
    ...about(graph, component),
    rule: known === undefined ? "package-unknown" : "version-unknown",
    message:
      known === undefined ? `The registry knows no ${name}.` : `The registry has ${name}, and no longer ${version}.`,
    why:
      known === undefined
        ? "Whether it is deprecated, maintained or free of scripts is unknown."
        : "Versions are taken off a registry when they were malicious or a mistake; consumers cannot install it.",
    fix:
      known === undefined
        ? `Set pnpm up with the registry that has ${name}, or remove the dependency.`
        : `Choose another version of ${name}; \`pnpm release resolve\` tries them. If it was malware, treat this machine as compromised: ${id} may have run here.`,
    severity: "error",
  };
  return [observation];
}

function findDeprecation(
  graph: ReleaseGraph,
  component: Component,
  { packages, policy }: ConflictFacts,
): Observation[] {
  const { name, version, id } = component;
  const facts = packages.get(name);
  const message = facts?.version(version)?.deprecated;
  if (message === undefined) return [];
  const isDirect = depthOf(graph, id) <= 1;
  const { latest } = facts ?? {};
  const isLatestFine = latest !== undefined && latest !== version && facts?.version(latest)?.deprecated === undefined;
  const upgrade = isLatestFine ? `Go to ${name} ${latest}` : `Replace ${name}: its latest version is deprecated, too`;
  const observation: Observation = {
    ...about(graph, component),
    rule: "deprecated",
    message: `${id} is deprecated: ${JSON.stringify(message.slice(0, 300))}`,
    why: "Its maintainers advise against it: what is found in it will not be mended there.",
    fix: `${upgrade}${isDirect ? "" : `, by raising what brings it (${wayTo(graph, id)})`}; \`pnpm release resolve\` tries what does away with it.`,
    severity: isErrorByPolicy(policy, isDirect) ? "error" : "warning",
  };
  return [observation];
}

function isErrorByPolicy({ deprecated }: ConflictsPolicy, isDirect: boolean): boolean {
  return deprecated === "error" || (deprecated === "direct" && isDirect);
}

/** Scripts that a package runs when it is installed, by the registry's word or by what lies on disk. */
export function scriptsOf({ name, version, id }: Component, { packages, installedScripts }: ConflictFacts): string[] {
  const stated = packages.get(name)?.version(version)?.manifest.installScripts ?? [];
  return [...new Set([...stated, ...(installedScripts.get(id) ?? [])])].toSorted();
}

function findScripts(graph: ReleaseGraph, component: Component, facts: ConflictFacts): Observation[] {
  const scripts = scriptsOf(component, facts);
  const isAllowed = facts.policy.allowScripts.some((entry) => isNamedBy(entry.package, component.id));
  if (scripts.length === 0 || isAllowed) return [];
  const observation: Observation = {
    ...about(graph, component),
    rule: "install-script",
    message: `${component.id} runs ${scripts.join(", ")} when it is installed.`,
    why: "It runs with all rights of whoever installs it: the way of most worms. Where managers block it, the package may lack what it builds.",
    fix: `Replace ${component.name}, or read the script and name it in policy.conflicts.allowScripts with the reason.`,
    severity: "error",
  };
  return [observation];
}
