import { createGate } from "../create-gate.ts";
import type { Gate } from "../gate.ts";

/** The dependencies agree with each other and are maintained. */
export const conflictsGate: Gate = createGate({
  name: "conflicts",
  title: "The dependencies agree with each other and are maintained",
  inspect: async () => ({ checked: 0, observations: [], inputs: [], notRun: "it is not written yet" }),
});
