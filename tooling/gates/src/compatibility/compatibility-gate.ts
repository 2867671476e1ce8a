import { createGate } from "../create-gate.ts";
import type { Gate } from "../gate.ts";

/** Every promised combination was installed and run. */
export const compatibilityGate: Gate = createGate({
  name: "compatibility",
  title: "Every promised combination was installed and run",
  inspect: async () => ({ checked: 0, observations: [], inputs: [], notRun: "it is not written yet" }),
});
