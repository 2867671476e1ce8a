import { z } from "zod";

// Tolerant, as everything here: gates may say more than these pages know, and later versions will.

const waiverSchema = z.looseObject({
  gate: z.string(),
  rule: z.string(),
  package: z.string().optional(),
  dependency: z.string().optional(),
  owner: z.string(),
  reason: z.string(),
  expires: z.string(),
});

const findingSchema = z.looseObject({
  gate: z.string(),
  rule: z.string(),
  package: z.string().optional(),
  where: z.string(),
  message: z.string(),
  why: z.string().optional(),
  fix: z.string().optional(),
  severity: z.enum(["error", "warning"]),
  waiver: waiverSchema.optional(),
});

const inputSchema = z.looseObject({ name: z.string(), digest: z.string() });

/** Shape of a gate's result in `gates/<gate>.json`, and of an element of `smoke/second-opinion.json`. */
export const gateResultSchema = z.looseObject({
  gate: z.string(),
  verdict: z.enum(["passed", "failed", "waived", "not-run"]),
  reason: z.string().optional(),
  checked: z.number(),
  findings: z.array(findingSchema),
  inputs: z.array(inputSchema),
  observed: z.record(z.string(), z.string()).optional(),
  details: z.unknown().optional(),
  policyDigest: z.string(),
  startedAt: z.string(),
  durationMs: z.number(),
});

/** Shape of `smoke/cells.json`. */
export const smokeCellsSchema = z.array(
  z.looseObject({
    manager: z.string(),
    node: z.string(),
    verdict: z.string(),
    failures: z.array(z.string()),
    durationMs: z.number(),
  }),
);

/** What a gate objects to. */
export type Finding = z.infer<typeof findingSchema>;
/** A gate's result, details included. */
export type GateResult = z.infer<typeof gateResultSchema>;
/** What consumers of the staged packages saw with one package manager on one Node. */
export type SmokeCell = z.infer<typeof smokeCellsSchema>[number];
