import { existsSync } from "node:fs";
import { dirname, isAbsolute, join, relative, sep } from "node:path";
import type { Observation } from "../create-gate.ts";
import { quote } from "./quote.ts";

/**
 * Packages above the cells' folder: Node would find them there, also what a package forgot to depend on. Findings are
 * published, so a folder is named from the user's home or, outside of it, from the scratch folder.
 */
export function observeSurroundings(scratch: string, home: string | undefined): Observation[] {
  return foldersAbove(scratch)
    .filter((folder) => existsSync(join(folder, "node_modules")))
    .map((folder) => locate(join(folder, "node_modules"), { scratch, home }))
    .map((place) => ({
      rule: "surroundings-unclean",
      where: "a node_modules folder above the gate's scratch folder",
      message: `${place.name} stands above the folder in which consumers are set up.`,
      why: "Node looks there for what a consumer did not install, so a missing dependency would not be noticed.",
      fix: place.removal,
      severity: "error",
    }));
}

/** How a path is called, and how it is removed. */
function locate(
  path: string,
  { scratch, home }: { scratch: string; home: string | undefined },
): { name: string; removal: string } {
  const below = home === undefined || !isAbsolute(home) ? ".." : relative(home, path);
  if (!below.startsWith("..") && !isAbsolute(below)) {
    return { name: `~/${below}`, removal: `Remove it: \`rm -r ~/${quote(below)}\`.` };
  }
  // A command with this path would remove another folder wherever else it is run.
  const levels = relative(scratch, path).split(sep).length - 1;
  const place = `${levels} ${levels === 1 ? "level" : "levels"} above the gate's scratch folder`;
  return {
    name: `A folder node_modules, ${place},`,
    removal: `Remove the node_modules ${place}, or release from a user whose home has none above it.`,
  };
}

function foldersAbove(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [] : [above, ...foldersAbove(above)];
}
