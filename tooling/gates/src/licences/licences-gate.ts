import type { ProductionClosure } from "../closure/component.ts";
import { createGate, type Inspection, type Observation } from "../create-gate.ts";
import type { Gate, GateInput } from "../gate.ts";
import type { LicenceVerdict } from "./judge-licence.ts";
import type { LicenceFacts } from "./licence-fact.ts";
import { describeLicences } from "./licences-details.ts";
import { readReleaseLicences } from "./read-release-licences.ts";

const name = "licences";

/** Judges the licence of every package in the production closure of each released package, on every platform. */
export const licencesGate: Gate = createGate({
  name,
  title: "Every dependency is under a licence that the policy allows",
  inspect,
});

async function inspect(input: GateInput): Promise<Inspection> {
  const licences = await readReleaseLicences(input);
  const { closures, facts, verdicts, lockfileDigest } = licences;
  input.onProgress?.(`${verdicts.length} packages in ${closures.length} closures`);
  const byId = new Map(verdicts.map((verdict) => [verdict.id, verdict]));
  const observations = closures.flatMap((closure) => observeClosure(closure, byId));
  const findings = observations.map((observation) => ({ gate: name, ...observation }));
  return {
    checked: verdicts.length,
    observations: [...observations, ...unusedClarifications(input, facts)],
    inputs: [{ name: "pnpm-lock.yaml", digest: lockfileDigest }],
    details: describeLicences(licences, findings, input),
  };
}

function observeClosure({ root, components }: ProductionClosure, verdicts: Map<string, LicenceVerdict>): Observation[] {
  return [root, ...components].flatMap(({ id, dependencyPaths }) => {
    const { problem, doubt } = verdicts.get(id) ?? {};
    const found = problem ?? doubt;
    if (found === undefined) return [];
    const ways = dependencyPaths.map((path) => path.join(" > "));
    return [
      {
        ...found,
        fix:
          problem === undefined ? found.fix : `${found.fix} Or waive ${name}/${found.rule} for the dependency ${id}.`,
        package: root.name,
        dependency: id,
        where: ways[0] ?? root.id,
        message: `${id} ${found.message}.${ways.length > 1 ? ` Also by ${ways.slice(1).join("; ")}.` : ""}`,
        severity: problem === undefined ? ("warning" as const) : ("error" as const),
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
