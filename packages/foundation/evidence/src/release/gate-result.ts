import { readFileSync } from "node:fs";
import { z } from "zod";
import { failed } from "./verification.ts";

const waiverSchema = z.looseObject({
  gate: z.string(),
  rule: z.string(),
  package: z.string().optional(),
  dependency: z.string().optional(),
  owner: z.string().min(1),
  reason: z.string().min(1),
  expires: z.iso.date(),
});

const findingSchema = z.looseObject({
  rule: z.string(),
  severity: z.enum(["error", "warning"]),
  waiver: waiverSchema.optional(),
});

const gateResultSchema = z.looseObject({
  gate: z.string(),
  verdict: z.enum(["passed", "failed", "waived", "not-run"]),
  reason: z.string().optional(),
  checked: z.int().nonnegative(),
  findings: z.array(findingSchema),
  observed: z.record(z.string(), z.string()).optional(),
  startedAt: z.iso.datetime({ offset: true }),
});

/** What a gate said, as far as a verifier reads it. */
export type KeptGateResult = z.infer<typeof gateResultSchema>;

/** Why a finding did not stop a release: who answers for it, and until when. */
type KeptWaiver = z.infer<typeof waiverSchema>;

/** Reads a gate's result; VERIFICATION_FAILED for what is none. */
export function readGateResult(path: string): KeptGateResult {
  return parseGateResult(path, readJson(path));
}

/** Reads a list of gate results; VERIFICATION_FAILED for what is none. */
export function readGateResults(path: string): KeptGateResult[] {
  const list = readJson(path);
  if (!Array.isArray(list)) throw failed(path, "is not a list of gate results");
  return list.map((entry) => parseGateResult(path, entry));
}

const day = 24 * 60 * 60 * 1000;
/** 90 for the waiver, one for the clock that started the gates. */
const longestWaiverDays = 91;

/**
 * Says why a release could not have passed this gate, or undefined where it could. `passed` and `waived` have looked at
 * something, no error is open, and each waiver counted when the gate ran. `not-run` is for rehearsals, and excused.
 */
export function findGateProblem(result: KeptGateResult, isRehearsal: boolean): string | undefined {
  const errors = result.findings.filter(({ severity }) => severity === "error");
  const open = errors.find(({ waiver }) => waiver === undefined);
  if (result.verdict === "failed") return "says failed";
  if (result.verdict === "not-run") return findExcuseProblem(result, isRehearsal);
  if (result.checked === 0) return `says ${result.verdict} and looked at nothing`;
  if (result.verdict === "passed") return errors.length === 0 ? undefined : "says passed and names an error";
  if (errors.length === 0) return "says waived and names nothing that is";
  if (open !== undefined) return `says waived, and nobody waived ${open.rule}`;
  const stale = errors.find(({ waiver }) => waiver !== undefined && !counts(waiver, result.startedAt));
  return stale === undefined ? undefined : `has a waiver of ${stale.rule} that did not count when the gate ran`;
}

function findExcuseProblem({ findings }: KeptGateResult, isRehearsal: boolean): string | undefined {
  const isExcused = findings.some(({ rule, waiver }) => rule === "not-run" && waiver !== undefined);
  const isOpen = findings.some(({ severity, waiver }) => severity === "error" && waiver === undefined);
  if (!isExcused || isOpen) return "says not-run, and nothing excuses it";
  return isRehearsal ? undefined : "says not-run, which only a rehearsal excuses";
}

function counts({ expires }: KeptWaiver, startedAt: string): boolean {
  const [end, start] = [Date.parse(`${expires}T00:00:00Z`) + day, Date.parse(startedAt)];
  return end > start && end <= start + longestWaiverDays * day;
}

/** Whole days until a waiver's last day is over; below zero: how long it is over. */
export function countDaysLeft(expires: string, now: Date): number {
  return Math.floor((Date.parse(`${expires}T00:00:00Z`) + day - now.getTime()) / day);
}

function readJson(path: string): unknown {
  const text = readFileSync(path, "utf8");
  const value = parseJson(text, path);
  if (`${JSON.stringify(value, null, 2)}\n` === text) return value;
  throw failed(path, "is not JSON as it is written");
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw failed(path, "is not JSON", cause);
  }
}

function parseGateResult(path: string, value: unknown): KeptGateResult {
  const parsed = gateResultSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw failed(path, `is not a gate's result: ${z.prettifyError(parsed.error)}`);
}
