import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { evidenceFiles, findNotJudged, isRehearsal } from "@hxp/evidence/release";
import { type ReportData, reportSchema } from "../report-data.ts";
import { openEvidenceFolder } from "./evidence-folder.ts";
import { readGates } from "./read-gates.ts";
import { readSboms } from "./read-sboms.ts";
import { readOutcome, readSigned } from "./read-signed.ts";
import { planSchema, trustedKeysSchema, trustedRootSchema } from "./release-schemas.ts";

/**
 * Reads a release's evidence folder as data. What is missing or does not read is listed in `gaps`, and left out
 * everywhere else. Signatures are not checked. Throws FILE_UNREADABLE where there is no folder.
 */
export function readReport(path: string): ReportData {
  const folder = openEvidenceFolder(path);
  const plan = folder.json(evidenceFiles.plan, planSchema, "what was to be published is unknown");
  const isRehearsed = plan !== undefined && isRehearsal(plan);
  const { gates, details, smoke } = readGates(folder, isRehearsed);
  const keys = folder.json("trust/trusted_keys.json", trustedKeysSchema, "no signature can be verified")?.keys ?? [];
  const logs = folder.json("trust/trusted_root.json", trustedRootSchema, "no log entry can be verified")?.tlogs ?? [];
  const outcome = readOutcome(folder);
  const sboms = readSboms(folder);
  const signed = readSigned(folder, keys);
  const checkpoint = folder.text(evidenceFiles.checkpoint, "the log's size and root are unknown");
  const planPath = join(path, evidenceFiles.plan);
  const id = existsSync(planPath) ? createHash("sha256").update(readFileSync(planPath)).digest("hex") : "";
  return {
    schema: reportSchema,
    id,
    plan,
    outcome,
    isRehearsal: isRehearsed,
    gates,
    notJudged: findNotJudged(gates.map(({ gate }) => gate)),
    details,
    smoke,
    sboms,
    signed,
    keys,
    logs,
    checkpoint,
    gaps: dedupe(folder.gaps),
  };
}

function dedupe<Gap extends { file: string; problem: string }>(gaps: readonly Gap[]): Gap[] {
  const unique = new Map(gaps.map((gap) => [`${gap.file} ${gap.problem}`, gap]));
  return [...unique.values()].toSorted((left, right) => (left.file < right.file ? -1 : 1));
}
