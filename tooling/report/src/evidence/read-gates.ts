import { z } from "zod";
import type { EvidenceGap, GateSummary } from "../report-data.ts";
import { type DetailedGate, detailsSchemas, type GateDetails } from "./details-schemas.ts";
import type { EvidenceFolder } from "./evidence-folder.ts";
import { type GateResult, gateResultSchema, type SmokeCell, smokeCellsSchema } from "./gate-schemas.ts";

/** Results of gates in the order in which they ran, with what they looked at. */
export interface ReadGates {
  gates: GateSummary[];
  details: GateDetails;
  smoke: SmokeCell[];
}

/** Reads what gates and smoke tests decided. Details of another shape than expected become a gap, never a guess. */
export function readGates(folder: EvidenceFolder, isRehearsal: boolean): ReadGates {
  const files = folder.files.filter((file) => /^gates\/[^/]+(?<!\.sigstore)\.json$/.test(file));
  if (files.length === 0) folder.gaps.push({ file: "gates/", problem: "is empty: no gate's verdict is known" });
  const results = files.flatMap((file) => {
    const result = folder.json(file, gateResultSchema, "this gate's verdict is unknown");
    return result === undefined ? [] : [result];
  });
  const opinions = folder.files.includes("smoke/second-opinion.json")
    ? folder.json("smoke/second-opinion.json", z.array(gateResultSchema), "the second opinion on licences is unknown")
    : undefined;
  const gates = [...results, ...(opinions ?? [])]
    .toSorted((left, right) => compare(left.startedAt, right.startedAt) || compare(left.gate, right.gate))
    .map((result) => summarise(result, isRehearsal));
  const smoke = folder.json("smoke/cells.json", smokeCellsSchema, "what consumers of the packages saw is unknown");
  return { gates, details: readDetails([...results, ...(opinions ?? [])], folder.gaps), smoke: smoke ?? [] };
}

function summarise(result: GateResult, isRehearsal: boolean): GateSummary {
  return { ...result, details: undefined, excused: result.verdict === "not-run" && isRehearsal };
}

function readDetails(results: readonly GateResult[], gaps: EvidenceGap[]): GateDetails {
  const entries = results.flatMap(({ gate, details }): [string, unknown][] => {
    if (details === undefined || !isDetailed(gate)) return [];
    const parsed = detailsSchemas[gate].safeParse(details);
    if (parsed.success) return [[gate, parsed.data]];
    const [issue] = parsed.error.issues;
    const where = `details.${issue?.path.join(".") ?? ""}`;
    gaps.push({ file: `gates/${gate}.json`, problem: `does not read at ${where} (${issue?.message ?? "unknown"})` });
    return [];
  });
  return Object.fromEntries(entries) as GateDetails;
}

function isDetailed(gate: string): gate is DetailedGate {
  return Object.hasOwn(detailsSchemas, gate);
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
