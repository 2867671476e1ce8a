import type { ReleasePlan } from "@hxp/evidence";
import type { PlannedPackage } from "@hxp/evidence/release";

/** A plan before packing: which packages and versions, not yet which bytes. */
export interface DraftPlan extends Omit<ReleasePlan, "packages" | "releaseCommit" | "tools"> {
  packages: Omit<PlannedPackage, "tarball">[];
}
