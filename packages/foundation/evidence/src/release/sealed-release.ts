import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { HxpError } from "@hxp/errors";
import { releasePlanPredicate } from "../statement/release-plan.ts";
import { type VerifiedStatement, verifyStatement } from "../verify/verify-statement.ts";
import { evidenceFiles, type SealedRelease, tarballPath } from "./evidence-folder.ts";
import { planDigest, serialisePlan } from "./plan-file.ts";
import type { VerifyOptions } from "./verification.ts";

/** Reads the plan of an evidence folder without checking signatures. Throws PLAN_MISSING or PLAN_TAMPERED. */
export function readSealedRelease(folder: string): SealedRelease {
  const path = join(folder, evidenceFiles.plan);
  if (!existsSync(path)) throw new HxpError("PLAN_MISSING", `There is no plan at ${path}`);
  const serialised = readFileSync(path, "utf8");
  const parsed = releasePlanPredicate.schema.safeParse(parseJson(serialised, path));
  if (!parsed.success || serialisePlan(parsed.data) !== serialised)
    throw tampered(path, "is not a plan as it was written");
  return { id: planDigest(serialised), plan: parsed.data, folder };
}

/**
 * Checks that a plan is what was signed, by whom it must be, in the log; and that each tarball has the digest that the
 * plan names. Done after sealing, and again before the first upload. Returns the statement that was signed.
 */
export function verifySealedRelease(sealed: SealedRelease, { trust, identity }: VerifyOptions): VerifiedStatement {
  const bundlePath = join(sealed.folder, evidenceFiles.planBundle);
  if (!existsSync(bundlePath)) throw tampered(bundlePath, "is missing");
  const bundle = readFileSync(bundlePath, "utf8");
  const planBytes = readFileSync(join(sealed.folder, evidenceFiles.plan));
  const verified = verifyStatement(bundle, {
    trust,
    identity,
    predicateType: releasePlanPredicate.type,
    subjects: [{ name: evidenceFiles.plan, bytes: planBytes }],
  });
  const signed = releasePlanPredicate.schema.safeParse(verified.statement.predicate);
  if (!signed.success || serialisePlan(signed.data) !== planBytes.toString("utf8")) {
    throw tampered(join(sealed.folder, evidenceFiles.plan), "says something else than its signed statement");
  }
  for (const planned of sealed.plan.packages) {
    const path = tarballPath(sealed, planned);
    if (!existsSync(path)) throw tampered(path, "is missing");
    const integrity = `sha512-${createHash("sha512").update(readFileSync(path)).digest("base64")}`;
    if (integrity !== planned.tarball.integrity) {
      throw tampered(path, `has the digest ${integrity}, the signed plan names ${planned.tarball.integrity}`);
    }
  }
  return verified;
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw tampered(path, "is not JSON");
  }
}

function tampered(path: string, what: string): HxpError {
  return new HxpError("PLAN_TAMPERED", `${path} ${what}`);
}
