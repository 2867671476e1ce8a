import { createGate } from "../create-gate.ts";
import type { Gate } from "../gate.ts";

/** Each version bump is as large as the change. */
export const apiGate: Gate = createGate({
  name: "api",
  title: "Each version bump is as large as the change",
  inspect: async () => ({ checked: 0, observations: [], inputs: [], notRun: "it is not written yet" }),
});
