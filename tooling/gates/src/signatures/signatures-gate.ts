import { toHxpError } from "@hxp/errors";
import type { Component, ProductionClosure } from "../closure/component.ts";
import { readLockfile } from "../closure/read-lockfile.ts";
import { resolveClosure } from "../closure/read-production-closure.ts";
import { createGate, type Inspection, type Observation } from "../create-gate.ts";
import type { Gate, GateInput, JsonValue } from "../gate.ts";
import { createLimit, type Limit } from "../process/create-limit.ts";
import { compareText } from "../text/compare-text.ts";
import { judgeComponent, type JudgedComponent } from "./judge-component.ts";
import { type PublishedVersions, readPublishedVersions } from "./published-versions.ts";
import { readSigningKeys } from "./signing-keys.ts";
import type { SignatureDetails, SignaturesDetails } from "./signatures-details.ts";
import type { Surroundings } from "./surroundings.ts";
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

const requestsAtOnce = 16;

async function inspect(input: GateInput): Promise<Inspection> {
  const lockfile = await readLockfile(input.workspace);
  const closures = input.packages.map(({ folder }) => resolveClosure(lockfile, folder));
  const components = listDependencies(closures);
  const limit = createLimit(requestsAtOnce);
  const surroundings = await lookAround(components, { input, limit });
  const judging = components.map((component) => limit(() => judgeComponent(component, surroundings)));
  const judged = await Promise.all(judging);
  const notRun = components.length === 0 ? undefined : whyNotRun(surroundings);
  const packages = judged.map(({ details }) => details);
  const details: SignaturesDetails = { packages };
  return {
    // Packages that depend on nothing were looked at, too.
    checked: components.length === 0 ? closures.length : components.length,
    observations: [...judged.flatMap((one) => observe(one, closures)), ...observeUnverified(packages)],
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

async function lookAround(
  components: readonly Component[],
  { input, limit }: { input: GateInput; limit: Limit },
): Promise<Surroundings> {
  const { upstream, policy, now, workspace, signal } = input;
  const names = [...new Set(components.map(({ name }) => name))];
  const unreadable = new Map<string, string>();
  const ask = createAsker(unreadable, signal);
  const asked = names.map(async (name): Promise<[string, PublishedVersions | undefined]> => {
    const packument = await limit(() => ask(name, () => upstream.packument(name)));
    return [name, packument === undefined ? undefined : readPublishedVersions(packument)];
  });
  const published = new Map(await Promise.all(asked));
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

/** Without a trusted root anybody could have signed what is served: a gate that passes has to say so. */
function observeUnverified(packages: readonly SignatureDetails[]): Observation[] {
  const served = packages.filter(({ provenance }) => provenance === "served").length;
  if (served === 0) return [];
  return [
    {
      rule: "provenance-unverified",
      where: "the whole release",
      message: `The provenance of ${served} of ${packages.length} dependencies is about their bytes; who signed it was not verified, and who built them is unknown.`,
      why: "Whoever can publish a package can put a provenance beside it; only its signature shows that a pipeline made it.",
      fix: "Set signatures.trustedRoot in the policy to sigstore's trusted_root.json, committed to the workspace: `cosign trusted-root create --with-default-services --out trusted_root.json` fetches and verifies it.",
      severity: "warning",
    },
  ];
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
