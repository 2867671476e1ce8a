import { createGate } from "../create-gate.ts";
import type { Gate } from "../gate.ts";

/** Dependencies are signed by who signed them before. */
export const signaturesGate: Gate = createGate({
  name: "signatures",
  title: "Dependencies are signed by who signed them before",
  inspect: async () => ({ checked: 0, observations: [], inputs: [], notRun: "it is not written yet" }),
});
