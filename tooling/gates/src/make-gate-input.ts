import { dirname, join } from "node:path";
import { HxpError } from "@hxp/errors";
import type { GateInput } from "./gate.ts";
import { policySchema } from "./policy/policy-schema.ts";

/** What a caller of {@link makeGateInput} cannot leave out. */
export type GateInputParts = Pick<GateInput, "workspace" | "scratch" | "packages"> & Partial<GateInput>;

/**
 * Completes an input for gates: the default policy, the present time, this process's Node and environment. What cannot
 * be filled in, such as a second build or a registry of loopback, is refused with GATES_INVALID when a gate asks for it.
 */
export function makeGateInput(parts: GateInputParts): GateInput {
  return {
    policy: policySchema.parse({}),
    builtOn: () => Promise.resolve([process.versions.node]),
    rebuild: () => refuse("rebuild"),
    registry: () => Promise.resolve(undefined),
    upstream: {
      packument: () => Promise.resolve(undefined),
      keys: () => Promise.resolve([]),
      attestations: () => Promise.resolve(undefined),
    },
    tools: {
      env: process.env,
      nodes: [process.versions.node],
      managers: ["pnpm"],
      node: () => Promise.resolve(dirname(process.execPath)),
      npm: () => refuse("tools.npm"),
    },
    history: () => Promise.resolve([]),
    serve: () => refuse("serve"),
    cache: join(parts.scratch, "cache"),
    databases: join(parts.scratch, "databases"),
    isRehearsal: false,
    now: new Date(),
    ...parts,
  };
}

function refuse(key: string): Promise<never> {
  return Promise.reject(new HxpError("GATES_INVALID", `A gate asked for \`${key}\`, which its input does not have.`));
}
