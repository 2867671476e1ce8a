import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { HxpError } from "@hxp/errors";
import { type TransparencyLog, type Trust, verifyConsistency } from "@hxp/evidence";
import { evidenceFiles, sizeOf } from "@hxp/evidence/release";
import { z } from "zod";

/** The checkpoint with the most entries that the evidence of earlier releases holds, but for one release's. */
export function readLastCheckpoint(
  releases: string,
  { trust, except }: { trust: Trust; except: string },
): string | undefined {
  return findLast(readEvidenceCheckpoints(releases, except), trust);
}

/**
 * Checks that the log still begins with all that releases of this workspace have seen of it, signed plans included.
 * Without this a log that was put back to an earlier state would go on from there, and say two things at one place.
 *
 * @throws LOG_CORRUPT where entries are missing, LOG_ENTRY_REFUSED where they are others
 */
export function assertLogGrew(releases: string, { log, trust }: { log: TransparencyLog; trust: Trust }): void {
  const from = findLast([...readEvidenceCheckpoints(releases), ...readPlanCheckpoints(releases)], trust);
  if (from === undefined) return;
  if (sizeOf(from) > log.size) {
    throw new HxpError("LOG_CORRUPT", `The log has ${log.size} entries; releases have seen ${sizeOf(from)} in it`);
  }
  verifyConsistency({ from, to: log.checkpoint(), proof: log.proveConsistency(sizeOf(from)) }, trust);
}

function readEvidenceCheckpoints(releases: string, except?: string): string[] {
  return listFolders(releases)
    .filter((name) => name !== except)
    .map((name) => join(releases, name, evidenceFiles.checkpoint))
    .filter((path) => existsSync(path))
    .map((path) => readFileSync(path, "utf8"));
}

const bundleSchema = z.object({
  verificationMaterial: z.object({
    tlogEntries: z.array(z.object({ inclusionProof: z.object({ checkpoint: z.object({ envelope: z.string() }) }) })),
  }),
});

/** A bundle that does not read is refused where its statement is used; here it only says nothing. */
function readPlanCheckpoints(releases: string): string[] {
  return listFolders(releases).flatMap((name) => {
    const path = join(releases, name, evidenceFiles.planBundle);
    if (!existsSync(path)) return [];
    const bundle = bundleSchema.safeParse(parseJson(readFileSync(path, "utf8")));
    if (!bundle.success) return [];
    return bundle.data.verificationMaterial.tlogEntries.map((entry) => entry.inclusionProof.checkpoint.envelope);
  });
}

/** The largest that the log has signed: what it has not is refused where it is used. */
function findLast(checkpoints: readonly string[], trust: Trust): string | undefined {
  return checkpoints
    .filter((checkpoint) => Number.isSafeInteger(sizeOf(checkpoint)))
    .toSorted((left, right) => sizeOf(right) - sizeOf(left))
    .find((checkpoint) => isSigned(checkpoint, trust));
}

function isSigned(checkpoint: string, trust: Trust): boolean {
  const size = sizeOf(checkpoint);
  try {
    verifyConsistency({ from: checkpoint, to: checkpoint, proof: { fromSize: size, toSize: size, hashes: [] } }, trust);
    return true;
  } catch {
    return false;
  }
}

function listFolders(releases: string): string[] {
  return existsSync(releases) ? readdirSync(releases) : [];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
