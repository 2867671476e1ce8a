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
} from "@hxp/release-gates";

/** Every gate that there is, by its name, the quick ones first. */
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
};
