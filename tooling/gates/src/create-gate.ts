import { compareText } from "./text/compare-text.ts";
import { digestPolicy } from "./policy/digest-policy.ts";
import type { Finding, Gate, GateInput, GateResult, InputDigest, JsonValue } from "./gate.ts";

/** A finding as an inspection states it: the gate's name is added, and waivers come later. */
export type Observation = Omit<Finding, "gate" | "waiver">;

/** What an inspection found out. With `notRun`, the reason why nothing could be found out. */
export interface Inspection {
  checked: number;
  observations: Observation[];
  inputs: InputDigest[];
  /** What it saw of its surroundings, by name. */
  observed?: Readonly<Record<string, string>>;
  /** All that was looked at, for the report. */
  details?: JsonValue;
  notRun?: string;
}

/** What a gate needs to be: a name, and one function that looks. */
export interface GateDefinition {
  name: string;
  title: string;
  inspect(input: GateInput): Promise<Inspection>;
}

/** Makes a gate of a function that looks: adds times, policy digest, order and verdict. */
export function createGate(definition: GateDefinition, clock: () => Date = () => new Date()): Gate {
  const { name, title } = definition;
  return {
    name,
    title,
    async judge(input): Promise<GateResult> {
      const started = clock();
      const inspection = await definition.inspect(input);
      const findings = inspection.observations.map((observation) => ({ gate: name, ...observation }));
      const isFailed = findings.some(({ severity }) => severity === "error") || inspection.checked === 0;
      return {
        gate: name,
        verdict: inspection.notRun === undefined ? (isFailed ? "failed" : "passed") : "not-run",
        ...(inspection.notRun === undefined ? {} : { reason: inspection.notRun }),
        checked: inspection.checked,
        findings: findings.toSorted(compareFindings),
        inputs: inspection.inputs.toSorted((a, b) => compareText(a.name, b.name)),
        ...(inspection.observed === undefined ? {} : { observed: inspection.observed }),
        ...(inspection.details === undefined ? {} : { details: inspection.details }),
        policyDigest: digestPolicy(input.policy),
        startedAt: started.toISOString(),
        durationMs: clock().getTime() - started.getTime(),
      };
    },
  };
}

function compareFindings(a: Finding, b: Finding): number {
  const left = [a.package ?? "", a.severity, a.rule, a.where, a.message];
  const right = [b.package ?? "", b.severity, b.rule, b.where, b.message];
  return left.reduce((order, text, index) => order || compareText(text, right[index] ?? ""), 0);
}
