import type { LayerName } from "../origin.ts";
import type { ConfigNode } from "../tree.ts";
import { mergeTrees } from "./merge-trees.ts";

/** One layer of a config. `tree` is undefined when the layer says nothing. */
export interface Layer {
  name: LayerName;
  tree: ConfigNode | undefined;
}

/** Lays layers over each other, lowest first. A layer whose root is no map is left for the parser to report. */
export function mergeLayers(layers: readonly Layer[]): ConfigNode | undefined {
  const trees = layers.flatMap(({ tree }) => (tree === undefined || isUnset(tree) ? [] : [tree]));
  return trees.reduce<ConfigNode | undefined>(
    (low, high) => (low === undefined ? high : mergeTrees(low, high)),
    undefined,
  );
}

// An empty file says nothing; it does not unset the layers below.
function isUnset(tree: ConfigNode): boolean {
  return tree.kind === "scalar" && tree.value === null;
}
