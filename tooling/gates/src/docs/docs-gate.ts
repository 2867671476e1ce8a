import { createGate } from "../create-gate.ts";
import type { Gate } from "../gate.ts";

/** Links, commands and snippets of the documentation work. */
export const docsGate: Gate = createGate({
  name: "docs",
  title: "Links, commands and snippets of the documentation work",
  inspect: async () => ({ checked: 0, observations: [], inputs: [], notRun: "it is not written yet" }),
});
