import { toHxpError } from "@hxp/errors";
import type { Component, ProductionClosure } from "../closure/component.ts";
import { readLockfile } from "../closure/read-lockfile.ts";
import { resolveClosure } from "../closure/read-production-closure.ts";
import { createGate, type Inspection, type Observation } from "../create-gate.ts";
import type { Gate, GateInput, JsonValue } from "../gate.ts";
import { compareText } from "../text/compare-text.ts";
import { judgeComponent, type JudgedComponent } from "./judge-component.ts";
import { type PublishedVersions, readPublishedVersions } from "./published-versions.ts";
import { readSigningKeys } from "./signing-keys.ts";
import type { SignatureDetails, Surroundings } from "./surroundings.ts";
import { openVerifier } from "./verify-provenance.ts";

/**
 * Judges who signed and published every dependency: pinned integrity, the registry's signature over it, provenance, and
 * what earlier versions had. Where the registry serves nothing to verify, it is `not-run`, but for integrity.
 */
export const signaturesGate: Gate = createGate({
  name: "signatures",
  title: "Dependencies are signed by who signed them before",
  inspect,
});

/** What the signatures gate looked at: one for each dependency, ordered by id. */
export interface SignaturesDetails {
  packages: SignatureDetails[];
}

const requestsAtOnce = 16;

async function inspect(input: GateInput): Promise<Inspection> {
  const lockfile = await readLockfile(input.workspace);
  const closures = input.packages.map(({ folder }) => resolveClosure(lockfile, folder));
  const components = listDependencies(closures);
  const surroundings = await lookAround(components, input);
  const judged = await mapSome(components, (component) => judgeComponent(component, surroundings));
  const notRun = components.length === 0 ? undefined : whyNotRun(surroundings);
  const packages = judged.map(({ details }) => details);
  const details: SignaturesDetails = { packages };
  return {
    // Packages that depend on nothing were looked at, too.
    checked: components.length === 0 ? closures.length : components.length,
    observations: judged.flatMap((one) => observe(one, closures)),
    inputs: [{ name: "pnpm-lock.yaml", digest: lockfile.digest }],
    observed: {
      keys: [...surroundings.keys.keys()].toSorted().join(" ") || "none",
      provenance: countProvenance(packages) || "nothing to look at",
    },
    details: details as unknown as JsonValue,
    ...(notRun === undefined ? {} : { notRun }),
  };
}

function listDependencies(closures: readonly ProductionClosure[]): Component[] {
  const all = closures.flatMap(({ components }) => components).filter(({ folder }) => folder === undefined);
  return [...new Map(all.map((component) => [component.id, component])).values()].toSorted((a, b) =>
    compareText(a.id, b.id),
  );
}

async function lookAround(components: readonly Component[], input: GateInput): Promise<Surroundings> {
  const { upstream, policy, now, workspace, signal } = input;
  const names = [...new Set(components.map(({ name }) => name))];
  const unreadable = new Map<string, string>();
  const ask = createAsker(unreadable, signal);
  const answers = await mapSome(names, async (name): Promise<[string, PublishedVersions | undefined]> => {
    const packument = await ask(name, () => upstream.packument(name));
    return [name, packument === undefined ? undefined : readPublishedVersions(packument)];
  });
  const published = new Map(answers);
  input.onProgress?.(`${components.length} packages of ${names.length} names`);
  const served = await ask("the registry's keys", () => upstream.keys());
  const all = [...published.values()].flatMap((versions) => [...(versions?.values() ?? [])]);
  const isPinned = policy.signatures.keys.length > 0;
  const isSigned = isPinned || all.some(({ signatures }) => signatures.length > 0);
  return {
    published,
    unreadable,
    keys: isSigned ? readSigningKeys(policy.signatures, served ?? []) : new Map(),
    servesProvenance: all.some(({ hasProvenance }) => hasProvenance),
    verifier: openVerifier(workspace, policy.signatures.trustedRoot),
    attestations: (name, version) => ask(`${name}@${version}`, () => upstream.attestations(name, version)),
    newPublisherDays: policy.signatures.newPublisherDays,
    now,
  };
}

type Ask = <Answer>(what: string, ask: () => Promise<Answer>) => Promise<Answer | undefined>;

/** What the registry does not answer is unknown, and no reason to say nothing of the rest. */
function createAsker(unreadable: Map<string, string>, signal: AbortSignal | undefined): Ask {
  return async (what, ask) => {
    try {
      signal?.throwIfAborted();
      return await ask();
    } catch (thrown) {
      signal?.throwIfAborted();
      unreadable.set(what, toHxpError(thrown).message);
      return undefined;
    }
  };
}

/** Such as `3 verified, 40 none, 2 unknown`: what is unknown is not hidden behind a gate that passed. */
function countProvenance(packages: readonly SignatureDetails[]): string {
  const kinds = ["verified", "served", "invalid", "lost", "none", "unknown"] as const;
  const counts = kinds.map((kind) => [packages.filter(({ provenance }) => provenance === kind).length, kind] as const);
  return counts.flatMap(([count, kind]) => (count === 0 ? [] : [`${count} ${kind}`])).join(", ");
}

function whyNotRun({ published, unreadable, keys }: Surroundings): string | undefined {
  const [failure] = [...unreadable].toSorted(([a], [b]) => compareText(a, b));
  if (failure !== undefined) return `the registry did not answer for ${failure[0]}: ${failure[1]}`;
  if ([...published.values()].every((versions) => versions === undefined)) {
    return "the registry serves none of the dependencies";
  }
  if (keys.size > 0) return undefined;
  return "the registry serves no keys or no signatures, and the policy pins no key: nobody knows who signed the dependencies; their integrity was compared";
}

function observe({ component, objections }: JudgedComponent, closures: readonly ProductionClosure[]): Observation[] {
  if (objections.length === 0) return [];
  const ways = closures.flatMap(({ root, components }) => {
    const path = components.find(({ id }) => id === component.id)?.dependencyPaths[0];
    return path === undefined ? [] : [{ name: root.name, path: path.join(" > ") }];
  });
  const others = ways.slice(1).map(({ name }) => name);
  return objections.map((objection) => ({
    ...objection,
    dependency: component.id,
    where: ways[0]?.path ?? component.id,
    message: `${objection.message}${others.length > 0 ? ` Also below ${others.join(", ")}.` : ""}`,
  }));
}

/** Does something for each item, some at a time, in order of the items. */
async function mapSome<Item, Result>(items: readonly Item[], act: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  const entries = items.entries();
  const work = async (): Promise<void> => {
    // oxlint-disable-next-line no-await-in-loop -- each worker takes one after the other
    for (const [index, item] of entries) results[index] = await act(item);
  };
  await Promise.all(Array.from({ length: requestsAtOnce }, work));
  return results;
}
