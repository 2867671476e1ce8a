import { randomBytes } from "node:crypto";
import { HxpError } from "@hxp/errors";
import type { GatewayConfig } from "@hxp/schema-gateway";
import type { Stores } from "@hxp/schema-storage";
import { createPepper, type Pepper } from "../authenticate/hash-secret.ts";
import { createKey, type NewKey } from "../authenticate/manage-keys.ts";
import { createMemoryStores } from "../stores/create-memory-stores.ts";
import type { GatewayOptions, GivenKey } from "../gateway-options.ts";

/** Where keys and usage are, and what keys are hashed under. */
export interface OpenedKeys {
  readonly stores: Pick<Stores, "keys" | "usage">;
  readonly pepper: Pepper;
}

/** Finds stores and pepper, or makes them of the keys that were given. Throws USAGE_INVALID when neither keys nor stores are. */
export async function openKeys(options: GatewayOptions, config: GatewayConfig): Promise<OpenedKeys> {
  const { stores, keys, variables = process.env } = options;
  const given = options.pepper ?? (await config.keys.pepper?.reveal({ variables }));
  if ((stores === undefined) === (keys === undefined)) {
    throw new HxpError("USAGE_INVALID", "createGateway takes either keys or stores: nobody could use it without.");
  }
  if (stores === undefined) {
    const pepper = createPepper(given ?? randomBytes(32));
    return { stores: createMemoryStores((keys ?? []).map((key, index) => toRecord(key, { index, pepper }))), pepper };
  }
  if (given === undefined) {
    throw new HxpError(
      "USAGE_INVALID",
      "createGateway needs the pepper under which the keys of the stores are hashed.",
    );
  }
  return { stores, pepper: createPepper(given) };
}

function toRecord(given: GivenKey, { index, pepper }: { index: number; pepper: Pepper }): NewKey {
  const { key, ...request } = typeof given === "string" ? { key: given } : given;
  return createKey({ name: `key ${index + 1}`, owner: "local", ...request }, { pepper, key }).record;
}
