import { isHxpError } from "@hxp/errors";
import { exportTrust } from "@hxp/evidence";
import { verifyEvidenceFolder } from "@hxp/release";

try {
  const trust = exportTrust({}); // yours: readTrust("trusted_root.json")
  const { id, verified } = verifyEvidenceFolder("evidence", { trust, identity: { key: "release" } });
  console.log(id, verified);
} catch (error) {
  if (!isHxpError(error, "PLAN_MISSING")) throw error;
  console.log(error.message); // There is no plan at evidence/plan.json
}
