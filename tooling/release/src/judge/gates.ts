import {
  advisoriesGate,
  apiGate,
  compatibilityGate,
  conflictsGate,
  contentsGate,
  docsGate,
  licencesGate,
  rebuildGate,
  signaturesGate,
  type Gate,
} from "@hxp/release-gates";
import type { requiredGates } from "@hxp/evidence/release";

/** Every gate that there is, by its name, the quick ones first; verifiers ask for a result of each. */
export const gates = {
  contents: contentsGate,
  api: apiGate,
  licences: licencesGate,
  advisories: advisoriesGate,
  signatures: signaturesGate,
  conflicts: conflictsGate,
  docs: docsGate,
  rebuild: rebuildGate,
  compatibility: compatibilityGate,
} satisfies Record<(typeof requiredGates)[number], Gate>;
