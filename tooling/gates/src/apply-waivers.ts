import { digestPolicy } from "./policy/digest-policy.ts";
import { maximumWaiverDays, type Waiver } from "./policy/policy-schema.ts";
import type { Finding, GateInput, GateResult } from "./gate.ts";

const day = 24 * 60 * 60 * 1000;

/**
 * What says that nothing is known: nobody can answer for that. A rehearsal may do without a gate that could not run, by
 * `rehearsal.mayNotRun` of the policy.
 */
const rulesWithoutWaiver = new Set([
  "gate-crashed",
  "not-run",
  "nothing-checked",
  "reason-missing",
  "verdict-unexplained",
]);

type WaiverInput = Pick<GateInput, "policy" | "now">;

/**
 * Marks the findings that a valid waiver covers and turns `failed` into `waived` where all errors are covered.
 * With waivers in the policy, appends a result named `waivers`: an expired or overlong waiver is an error, and one
 * that covers nothing a warning, unless it is for one of `otherGates`, whose results are not here.
 */
export function applyWaivers(
  results: readonly GateResult[],
  input: WaiverInput,
  otherGates: readonly string[] = [],
): GateResult[] {
  const { policy, now } = input;
  const valid = policy.waivers.filter((waiver) => problemOf(waiver, now) === undefined);
  const waived = results.map((result) => applyToResult(result, valid));
  if (policy.waivers.length === 0) return waived;
  return [...waived, judgeWaivers(waived, input, otherGates)];
}

/** The waiver of the policy that covers a finding and is in force; undefined if none does. */
export function findWaiver(finding: Finding, { policy, now }: WaiverInput): Waiver | undefined {
  return policy.waivers.find((waiver) => problemOf(waiver, now) === undefined && covers(waiver, finding));
}

function applyToResult(result: GateResult, waivers: readonly Waiver[]): GateResult {
  const findings = result.findings.map((finding) => {
    const waiver = finding.waiver ?? waivers.find((candidate) => covers(candidate, finding));
    return waiver === undefined ? finding : { ...finding, waiver };
  });
  const errors = findings.filter(({ severity }) => severity === "error");
  const isWaived = result.verdict === "failed" && errors.every(({ waiver }) => waiver !== undefined);
  return { ...result, findings, verdict: isWaived ? "waived" : result.verdict };
}

function covers(waiver: Waiver, finding: Finding): boolean {
  if (finding.severity !== "error" || rulesWithoutWaiver.has(finding.rule)) return false;
  if (waiver.gate !== finding.gate || waiver.rule !== finding.rule) return false;
  if (waiver.package !== undefined && waiver.package !== finding.package) return false;
  return waiver.dependency === undefined || namesDependency(waiver.dependency, finding.dependency);
}

/** A waiver for `name` holds for each version, one for `name@version` for that one. */
function namesDependency(waived: string, dependency: string | undefined): boolean {
  if (dependency === undefined) return false;
  const at = dependency.indexOf("@", 1);
  return waived === dependency || (at > 0 && waived === dependency.slice(0, at));
}

interface WaiverProblem {
  rule: "waiver-expired" | "waiver-too-long";
  message: string;
}

function problemOf(waiver: Waiver, now: Date): WaiverProblem | undefined {
  const end = Date.parse(`${waiver.expires}T00:00:00Z`) + day;
  if (end <= now.getTime()) {
    return { rule: "waiver-expired", message: `${describe(waiver)} expired on ${waiver.expires}.` };
  }
  if (end - day > now.getTime() + maximumWaiverDays * day) {
    const message = `${describe(waiver)} ends on ${waiver.expires}, more than ${maximumWaiverDays} days from now.`;
    return { rule: "waiver-too-long", message };
  }
  return undefined;
}

function describe({ gate, rule, package: name, dependency, owner }: Waiver): string {
  const scope = [name === undefined ? "" : ` for ${name}`, dependency === undefined ? "" : ` on ${dependency}`].join(
    "",
  );
  return `The waiver of ${gate}/${rule}${scope} by ${owner}`;
}

function judgeWaivers(
  results: readonly GateResult[],
  { policy, now }: WaiverInput,
  otherGates: readonly string[],
): GateResult {
  const used = new Set(results.flatMap(({ findings }) => findings.map(({ waiver }) => waiver)));
  const findings = policy.waivers.flatMap((waiver, index) => {
    const where = `waivers[${index}]`;
    const problem = problemOf(waiver, now);
    if (problem !== undefined) return [waiverFinding({ ...problem, where, severity: "error" })];
    if (used.has(waiver) || otherGates.includes(waiver.gate)) return [];
    const message = `${describe(waiver)} covers no finding of this release.`;
    return [waiverFinding({ rule: "waiver-unused", message, where, severity: "warning" })];
  });
  return {
    gate: "waivers",
    verdict: findings.some(({ severity }) => severity === "error") ? "failed" : "passed",
    checked: policy.waivers.length,
    findings,
    inputs: [],
    policyDigest: digestPolicy(policy),
    startedAt: now.toISOString(),
    durationMs: 0,
  };
}

const waiverAdvice = {
  "waiver-expired": {
    why: "A waiver is a promise to mend something by a date, and the date has passed.",
    fix: "Mend what it covered and remove it, or have its owner decide again, with a new date.",
  },
  "waiver-too-long": {
    why: "A waiver without a near end is a change of policy that nobody reviewed.",
    fix: `Set \`expires\` to at most ${maximumWaiverDays} days from now, or change the policy itself.`,
  },
  "waiver-unused": {
    why: "A waiver that is left behind hides the next finding of its kind.",
    fix: "Remove it, or correct its gate, rule, package or dependency.",
  },
};

function waiverFinding(
  facts: Pick<Finding, "message" | "where" | "severity"> & { rule: keyof typeof waiverAdvice },
): Finding {
  return { gate: "waivers", ...facts, ...waiverAdvice[facts.rule] };
}
