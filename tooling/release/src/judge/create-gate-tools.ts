import type { GateTools } from "@hxp/release-gates";
import type { ReleaseContext } from "../release-context.ts";
import { ensureNode, ensureNpm } from "../workspace/toolchain.ts";

/** The programs that gates may start: the Nodes and managers of the configuration. */
export function createGateTools({ config, paths, childEnv, signal }: ReleaseContext): GateTools {
  const options = { folder: paths.toolchain, env: childEnv, signal };
  return {
    env: childEnv,
    nodes: config.nodes,
    managers: config.managers,
    node: (version) => ensureNode(version, options),
    npm: () => ensureNpm(config.npm, options),
  };
}
