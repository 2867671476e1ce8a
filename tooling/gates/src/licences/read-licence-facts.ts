import { join } from "node:path";
import type { Component, ProductionClosure } from "../closure/component.ts";
import type { GateInput } from "../gate.ts";
import type { LicencesPolicy } from "../policy/licences-policy.ts";
import { findInstalled, type InstalledPackage, readInstalled } from "./find-installed.ts";
import type { LicenceFact, LicenceFacts } from "./licence-fact.ts";
import { readContact } from "./read-contact.ts";
import { type LicenceStatement, parseStatement, readStatement } from "./licence-statement.ts";
import { recogniseTexts, statementOfTexts } from "./recognise-texts.ts";

/** Where licences are read. */
export type LicenceSources = Pick<GateInput, "workspace" | "registry"> & {
  policy: LicencesPolicy;
  signal?: AbortSignal | undefined;
};

/** How many manifests are asked of the registry at a time. */
const concurrency = 8;

/**
 * Reads what every package of some closures says about its licence: the installed manifest of that very version, else
 * the registry's. A clarification of the policy comes before both.
 */
export async function readLicenceFacts(
  closures: readonly ProductionClosure[],
  sources: LicenceSources,
): Promise<LicenceFacts> {
  const facts = new Map<string, LicenceFact>();
  for (const closure of closures) {
    sources.signal?.throwIfAborted();
    // oxlint-disable-next-line no-await-in-loop -- closures overlap: what one has read the next need not read
    await readClosure(closure, sources, facts);
  }
  await askRegistry(facts, sources);
  for (const [id, fact] of facts) facts.set(id, clarify(fact, sources.policy));
  return facts;
}

/** Adds to `facts`: what is installed, and for the rest that nothing is known yet. */
async function readClosure(
  closure: ProductionClosure,
  { workspace }: LicenceSources,
  facts: Map<string, LicenceFact>,
): Promise<void> {
  const installed = await walkInstalled(closure, workspace);
  for (const component of [closure.root, ...closure.components]) {
    const { id } = component;
    const found = installed.get(id);
    if (found !== undefined && !isInstalled(facts.get(id))) facts.set(id, toFact(component, found));
    else if (!facts.has(id)) facts.set(id, unknownFact(component));
  }
}

/** Goes from the package along its dependencies, because a package is found from the one that depends on it. */
async function walkInstalled(
  { root, components }: ProductionClosure,
  workspace: string,
): Promise<Map<string, InstalledPackage>> {
  const byId = new Map<string, Component>([root, ...components].map((component) => [component.id, component]));
  const installed = new Map<string, InstalledPackage>();
  const own = await readInstalled(join(workspace, root.folder));
  if (own !== undefined) installed.set(root.id, own);
  // A map visits what the loop adds.
  for (const [id, { folder }] of installed) {
    for (const { name, id: target } of byId.get(id)?.dependencies ?? []) {
      const component = byId.get(target);
      if (component === undefined || installed.has(target)) continue;
      // oxlint-disable-next-line no-await-in-loop -- each step starts where the last one arrived
      const found = await findInstalled(folder, name, component);
      if (found !== undefined) installed.set(target, found);
    }
  }
  return installed;
}

function isInstalled(fact: LicenceFact | undefined): boolean {
  return fact?.source === "installed" || fact?.source === "workspace";
}

function unknownFact(component: Component): LicenceFact {
  return { component, statement: { kind: "missing" }, source: "nowhere", texts: [], contact: {} };
}

function toFact(component: Component, { manifest, texts, isData }: InstalledPackage): LicenceFact {
  const recognised = recogniseTexts(texts);
  const stated = readStatement(manifest);
  const byText = isUnclear(stated) ? statementOfTexts(recognised) : undefined;
  const source = component.folder === undefined ? "installed" : "workspace";
  return {
    component,
    statement: byText ?? stated,
    source: byText === undefined ? source : "text",
    texts,
    ...(recognised.length === 0 ? {} : { recognised }),
    ...(isData ? { isData } : {}),
    contact: readContact(manifest),
  };
}

/** A manifest that names no licence, or one that nobody knows; `UNLICENSED` is clear. */
function isUnclear({ kind }: LicenceStatement): boolean {
  return kind === "missing" || kind === "invalid" || kind === "file";
}

async function askRegistry(facts: Map<string, LicenceFact>, { registry, signal }: LicenceSources): Promise<void> {
  const unknown = [...facts.values()].filter(({ source }) => source === "nowhere");
  const work = unknown.values();
  const worker = async (): Promise<void> => {
    for (const fact of work) {
      signal?.throwIfAborted();
      const { id, name, version } = fact.component;
      // oxlint-disable-next-line no-await-in-loop -- a worker does one thing at a time
      const manifest = await registry(name, version);
      if (manifest?.["name"] !== name || manifest["version"] !== version) continue;
      const contact = readContact(manifest);
      facts.set(id, { ...fact, statement: readStatement(manifest), source: "registry", contact });
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

function clarify(fact: LicenceFact, { clarifications }: LicencesPolicy): LicenceFact {
  const clarification = clarifications.find((candidate) => candidate.package === fact.component.id);
  if (clarification === undefined) return fact;
  return { ...fact, statement: parseStatement(clarification.licence), source: "clarification" };
}
