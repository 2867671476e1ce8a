import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { ReleasePlan } from "../statement/release-plan.ts";
import type { PlannedPackage } from "./plan-file.ts";

/** A release whose plan is signed: its bytes are settled. */
export interface SealedRelease {
  /** SHA-256 of the plan file, hex. */
  id: string;
  plan: ReleasePlan;
  /** The evidence folder. */
  folder: string;
}

/** Where things lie in an evidence folder. */
export const evidenceFiles = {
  plan: "plan.json",
  planBundle: "plan.sigstore.json",
  tarballs: "tarballs",
  packages: "packages",
  gates: "gates",
  smoke: "smoke",
  secondOpinion: "smoke/second-opinion.json",
  record: "record.sigstore.json",
  rollback: "rollback.sigstore.json",
  journal: "journal.jsonl",
  log: "log",
  checkpoint: "log/checkpoint",
  consistency: "log/consistency.json",
  trust: "trust",
  notes: "release-notes.md",
  verifier: "verify.mjs",
  guide: "README.md",
} as const;

/** Whether a plan is for the embedded registry: such a release leaves the machine nowhere. */
export function isRehearsal({ registry }: { registry: Pick<ReleasePlan["registry"], "name"> }): boolean {
  return registry.name === "local";
}

/** Absolute path of a package's tarball in the evidence folder. */
export function tarballPath(sealed: Pick<SealedRelease, "folder">, planned: Pick<PlannedPackage, "tarball">): string {
  return join(sealed.folder, evidenceFiles.tarballs, planned.tarball.file);
}

/** Folder, in the evidence folder, of what is said about one package. */
export function packageFolder(
  sealed: Pick<SealedRelease, "folder">,
  { name, version }: { name: string; version: string },
): string {
  return join(sealed.folder, evidenceFiles.packages, `${name.replace(/^@/, "").replaceAll("/", "-")}-${version}`);
}

/** Absolute paths of the gates' results in an evidence folder, without their signatures. */
export function listVerdictFiles({ folder }: Pick<SealedRelease, "folder">): string[] {
  const gates = join(folder, evidenceFiles.gates);
  const files = existsSync(gates) ? readdirSync(gates) : [];
  return files
    .filter((file) => /(?<!\.sigstore)\.json$/.test(file))
    .toSorted()
    .map((file) => join(gates, file));
}
