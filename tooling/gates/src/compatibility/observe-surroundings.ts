import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Observation } from "../create-gate.ts";

/** Packages above the cells' folder: Node would find them there, also what a package forgot to depend on. */
export function observeSurroundings(scratch: string): Observation[] {
  return foldersAbove(scratch)
    .filter((folder) => existsSync(join(folder, "node_modules")))
    .map((folder) => ({
      rule: "surroundings-unclean",
      where: "a node_modules folder above the gate's scratch folder",
      message: `${join(folder, "node_modules")} stands above the folder in which consumers are set up.`,
      why: "Node looks there for what a consumer did not install, so a missing dependency would not be noticed.",
      fix: `Remove it: \`rm -r ${join(folder, "node_modules")}\`.`,
      severity: "error",
    }));
}

function foldersAbove(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [] : [above, ...foldersAbove(above)];
}
