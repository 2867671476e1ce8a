import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { HxpError, toHxpError } from "@hxp/errors";
import { digestPolicy } from "./policy/digest-policy.ts";
import { applyWaivers } from "./apply-waivers.ts";
import type { Finding, Gate, GateInput, GateResult } from "./gate.ts";
import type { Waiver } from "./policy/policy-schema.ts";

/** What {@link runGates} takes beside gates and input. */
export interface RunGatesOptions {
  /** Names of gates that judge this release in a run of their own: a waiver for one of them is not unused here. */
  otherGates?: readonly string[];
}

/**
 * Runs gates at the same time, each with a scratch folder of its own, and applies the policy's waivers.
 * Fails closed: a gate that throws, looks at nothing, says `not-run` without a reason, or says it beside an error that no
 * waiver covers, is `failed`. When the policy has waivers, a last result named `waivers` says how they stand.
 * Throws GATES_INVALID for no gates or two of one name, and the signal's reason when it is aborted.
 */
export async function runGates(
  gates: readonly Gate[],
  input: GateInput,
  { otherGates = [] }: RunGatesOptions = {},
): Promise<GateResult[]> {
  rejectUnfitGates(gates);
  const results = await Promise.all(gates.map((gate) => runGate(gate, input)));
  input.signal?.throwIfAborted();
  const waived = applyWaivers(
    results.map((result) => excuseRehearsal(result, input)),
    input,
    otherGates,
  );
  return waived.map(settleNotRun);
}

/** What a gate found before it had to stop is not excused with the rest: an open error is a failure. */
function settleNotRun(result: GateResult): GateResult {
  const isFailed = result.findings.some((finding) => isOpenError(finding) && finding.rule !== "not-run");
  return result.verdict === "not-run" && isFailed ? { ...result, verdict: "failed" } : result;
}

/** Whether a release must stop at this result: it failed, or did not run and that is not excused. */
export function isBlocking(result: GateResult): boolean {
  if (result.verdict === "passed" || result.verdict === "waived") return false;
  return result.verdict === "failed" || result.findings.some(isOpenError);
}

function isOpenError(finding: Finding): boolean {
  return finding.severity === "error" && finding.waiver === undefined;
}

function rejectUnfitGates(gates: readonly Gate[]): void {
  const names = gates.map(({ name }) => name);
  if (names.length === 0) throw new HxpError("GATES_INVALID", "No gates were given, so nothing would be judged.");
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new HxpError("GATES_INVALID", `Two gates are named ${twice}.`);
}

async function runGate(gate: Gate, input: GateInput): Promise<GateResult> {
  const started = new Date();
  try {
    const scratch = join(input.scratch, gate.name);
    await mkdir(scratch, { recursive: true });
    const result = await gate.judge({ ...input, scratch });
    // Only the policy waives: a gate does not excuse what it found.
    const findings = result.findings.map(({ waiver: _own, ...finding }) => finding);
    return closeFail({ ...result, gate: gate.name, findings });
  } catch (thrown) {
    const { message, hint } = toHxpError(thrown);
    return {
      gate: gate.name,
      verdict: "failed",
      reason: message,
      checked: 0,
      findings: [wholeGateFinding(gate.name, "gate-crashed", { message, fix: hint })],
      inputs: [],
      policyDigest: digestPolicy(input.policy),
      startedAt: started.toISOString(),
      durationMs: Date.now() - started.getTime(),
    };
  }
}

/** Takes no gate's word for its verdict: what a gate did not show does not pass. */
function closeFail(result: GateResult): GateResult {
  const { gate, checked, verdict } = result;
  if (verdict === "not-run") return closeNotRun(result);
  const findings = [...result.findings];
  if (!(checked > 0)) {
    findings.push(
      wholeGateFinding(gate, "nothing-checked", {
        message: "The gate looked at nothing.",
        fix: "Give the gate something to look at; a gate that does not apply says `not-run` with its reason.",
      }),
    );
  } else if (verdict === "failed" && !findings.some(isOpenError)) {
    findings.push(
      wholeGateFinding(gate, "verdict-unexplained", {
        message: "The gate says `failed` and names no error.",
        fix: "Mend the gate: each failure needs a finding.",
      }),
    );
  }
  return { ...result, verdict: findings.some(isOpenError) ? "failed" : "passed", findings };
}

function closeNotRun(result: GateResult): GateResult {
  const { gate, reason } = result;
  if (reason === undefined || reason.trim() === "") {
    const finding = wholeGateFinding(gate, "reason-missing", {
      message: "The gate says `not-run` and gives no reason.",
      fix: "Mend the gate: `not-run` needs a reason that a person can check.",
    });
    return { ...result, verdict: "failed", findings: [...result.findings, finding] };
  }
  const finding = wholeGateFinding(gate, "not-run", {
    message: `The gate did not run: ${reason}`,
    fix: `Provide what the reason names. In a rehearsal on the local registry, \`policy.rehearsal.mayNotRun: ["${gate}"]\` does without.`,
  });
  return { ...result, findings: [...result.findings, finding] };
}

/** In a rehearsal the policy can do without a gate that could not run; the finding stays, and says who excused it. */
function excuseRehearsal(result: GateResult, { policy, isRehearsal, now }: GateInput): GateResult {
  const isExcused = isRehearsal && policy.rehearsal.mayNotRun.includes(result.gate);
  if (result.verdict !== "not-run" || !isExcused) return result;
  const waiver: Waiver = {
    gate: result.gate,
    rule: "not-run",
    owner: "policy rehearsal.mayNotRun",
    reason: "a rehearsal on the local registry; any other registry refuses this release",
    expires: now.toISOString().slice(0, 10),
  };
  const findings = result.findings.map((finding) => (finding.rule === "not-run" ? { ...finding, waiver } : finding));
  return { ...result, findings };
}

function wholeGateFinding(gate: string, rule: string, text: { message: string; fix: string }): Finding {
  const why = "What was not looked at is unknown, and the unknown does not pass.";
  return { gate, rule, where: "the whole release", why, severity: "error", ...text };
}
