import { isHxpError } from "@hxp/errors";
import { conflictsGate, type Finding, type GateInput, type GateResult, runGates } from "@hxp/release-gates";
import { applyChanges } from "./apply-changes.ts";
import { type Change, describeChange } from "./change.ts";
import type { Candidate } from "./propose-changes.ts";
import type { ScratchWorkspace } from "./scratch-workspace.ts";

/** Something that was tried and does not do. */
export interface Attempt {
  changes: Change[];
  /** In words, one for each change. */
  what: string[];
  why: string;
}

/** How the tries for one finding ended. */
export type Resolution =
  | { outcome: "resolved"; changes: Change[]; what: string[]; findings: Finding[] }
  | { outcome: "unresolved"; attempts: Attempt[] };

/** What {@link tryCandidates} takes. */
export interface TryOptions {
  scratch: ScratchWorkspace;
  /** The input of the gate for the scratch workspace. */
  input: GateInput;
  finding: Finding;
  candidates: readonly Candidate[];
  /** What the gate finds before. */
  before: readonly Finding[];
  env: NodeJS.ProcessEnv;
  onTry: (text: string) => void;
}

/** Resolving takes a second or more each, and what the first ones do not do the last seldom does. */
const mostTries = 8;

/**
 * Tries candidates one by one in the scratch workspace. The first after which the finding is gone and no new error is
 * there stays, and so no new warning where the finding was one; the others are taken back.
 */
export async function tryCandidates(options: TryOptions): Promise<Resolution> {
  const { scratch, candidates, input } = options;
  const attempts: Attempt[] = [];
  for (const changes of candidates.slice(0, mostTries)) {
    input.signal?.throwIfAborted();
    const files = scratch.read();
    const what = changes.map((change) => describeChange(change));
    options.onTry(what.join(", "));
    // oxlint-disable-next-line no-await-in-loop -- each try needs the one scratch workspace
    const outcome = await tryChanges(changes, options);
    if (typeof outcome !== "string") return { outcome: "resolved", changes, what, findings: outcome };
    scratch.restore(files);
    attempts.push({ changes, what, why: outcome });
  }
  return { outcome: "unresolved", attempts };
}

/** The findings that remain, or why the changes do not do. */
async function tryChanges(changes: readonly Change[], options: TryOptions): Promise<Finding[] | string> {
  const { scratch, input, finding, before, env } = options;
  try {
    await applyChanges(scratch.folder, changes, { env, signal: input.signal });
  } catch (error) {
    input.signal?.throwIfAborted();
    return `pnpm cannot resolve it: ${isHxpError(error) ? lastLines(error.message) : String(error)}`;
  }
  const after = await judgeConflicts(input);
  if (after.verdict === "not-run") return `it could not be judged: ${after.reason ?? "no reason"}`;
  if (after.findings.some((other) => isSame(other, finding))) return "the finding stays";
  const worse = after.findings.find(
    (other) => isWorse(other, finding) && !before.some((known) => isSame(known, other)),
  );
  return worse === undefined ? after.findings : `there is a new ${worse.severity}: ${worse.rule}: ${worse.message}`;
}

/** What the conflicts gate says of a workspace. */
export async function judgeConflicts(input: GateInput): Promise<GateResult> {
  const [result] = await runGates([conflictsGate], input);
  if (result === undefined) throw new Error("the conflicts gate gave no result");
  return result;
}

/** Whether two findings object to the same, whatever version is the cause. */
export function isSame(one: Finding, other: Finding): boolean {
  const isOfPackage = one.severity === "warning" || one.package === other.package;
  return one.rule === other.rule && isOfPackage && nameOf(one) === nameOf(other);
}

function isWorse(other: Finding, finding: Finding): boolean {
  return other.severity === "error" || finding.severity === "warning";
}

function nameOf({ dependency = "", where }: Finding): string {
  const at = dependency.indexOf("@", 1);
  return at === -1 ? dependency || where : dependency.slice(0, at);
}

function lastLines(message: string): string {
  const lines = message.split("\n").filter((line) => line.trim() !== "");
  return lines.slice(-3).join(" ").slice(0, 300);
}
