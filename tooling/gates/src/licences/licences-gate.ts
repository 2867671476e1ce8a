import type { ProductionClosure } from "../closure/component.ts";
import { readLockfile } from "../closure/read-lockfile.ts";
import { resolveClosure } from "../closure/read-production-closure.ts";
import { createGate, type Inspection, type Observation } from "../create-gate.ts";
import type { Gate, GateInput } from "../gate.ts";
import { judgeLicence, type LicenceVerdict } from "./judge-licence.ts";
import { readLicenceFacts } from "./read-licence-facts.ts";
import type { LicenceFacts } from "./licence-fact.ts";

/** Judges the licence of every package in the production closure of each released package, on every platform. */
export const licencesGate: Gate = createGate({
  name: "licences",
  title: "Every dependency is under a licence that the policy allows",
  inspect,
});

/** Everything that is known about the licences of a release. */
export interface ReleaseLicences {
  /** One for each package of the release, in its order. */
  closures: ProductionClosure[];
  facts: LicenceFacts;
  /** One for each distinct package of all closures, the released ones included; ordered by id. */
  verdicts: LicenceVerdict[];
  lockfileDigest: string;
}

/** Reads and judges the licences of a release. Throws LOCKFILE_INVALID or LICENCE_POLICY_INVALID. */
export async function readReleaseLicences(
  input: Pick<GateInput, "workspace" | "packages" | "policy" | "registry" | "signal">,
): Promise<ReleaseLicences> {
  const lockfile = await readLockfile(input.workspace);
  const closures = input.packages.map(({ folder }) => resolveClosure(lockfile, folder));
  const { workspace, registry, signal } = input;
  const policy = input.policy.licences;
  const facts = await readLicenceFacts(closures, { workspace, registry, policy, signal });
  const verdicts = [...facts.keys()].toSorted().flatMap((id) => {
    const fact = facts.get(id);
    return fact === undefined ? [] : [judgeLicence(fact, policy)];
  });
  return { closures, facts, verdicts, lockfileDigest: lockfile.digest };
}

async function inspect(input: GateInput): Promise<Inspection> {
  const { closures, facts, verdicts, lockfileDigest } = await readReleaseLicences(input);
  input.onProgress?.(`${verdicts.length} packages in ${closures.length} closures`);
  const byId = new Map(verdicts.map((verdict) => [verdict.id, verdict]));
  const observations = closures.flatMap((closure) => observeClosure(closure, byId));
  return {
    checked: verdicts.length,
    observations: [...observations, ...unusedClarifications(input, facts)],
    inputs: [{ name: "pnpm-lock.yaml", digest: lockfileDigest }],
  };
}

function observeClosure({ root, components }: ProductionClosure, verdicts: Map<string, LicenceVerdict>): Observation[] {
  return [root, ...components].flatMap(({ id, dependencyPaths }) => {
    const found = verdicts.get(id)?.problem;
    if (found === undefined) return [];
    const ways = dependencyPaths.map((path) => path.join(" > "));
    return [
      {
        ...found,
        package: root.name,
        where: ways[0] ?? root.id,
        message: `${id} ${found.message}.${ways.length > 1 ? ` Also by ${ways.slice(1).join("; ")}.` : ""}`,
        severity: "error" as const,
      },
    ];
  });
}

function unusedClarifications({ policy }: GateInput, facts: LicenceFacts): Observation[] {
  return policy.licences.clarifications
    .filter(({ package: id }) => !facts.has(id))
    .map(({ package: id }) => ({
      rule: "clarification-unused",
      where: "policy licences.clarifications",
      message: `${id} is clarified, and no package of the release depends on it.`,
      why: "A clarification holds for one version; what is left behind misleads the next reader.",
      fix: "Remove it, or read the licence of the version that is used now and clarify that.",
      severity: "warning",
    }));
}
