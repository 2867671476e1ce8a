import type { ErrorEntry } from "./error-entry.ts";
import { configErrors } from "./codes/config.ts";
import { evidenceErrors } from "./codes/evidence.ts";
import { gatesErrors } from "./codes/gates.ts";
import { generalErrors } from "./codes/general.ts";
import { registryErrors } from "./codes/registry.ts";
import { releaseErrors } from "./codes/release.ts";
import { storageErrors } from "./codes/storage.ts";
import { serviceErrors } from "./codes/service.ts";
import { modelErrors } from "./codes/model.ts";
import { gatewayErrors } from "./codes/gateway.ts";
import { engineErrors } from "./codes/engine.ts";
import { cliErrors } from "./codes/cli.ts";

/** Every error code of HXP. A code is never renamed or used again for another meaning. */
export const errorTable = {
  ...generalErrors,
  ...configErrors,
  ...evidenceErrors,
  ...registryErrors,
  ...gatesErrors,
  ...releaseErrors,
  ...storageErrors,
  ...serviceErrors,
  ...modelErrors,
  ...gatewayErrors,
  ...engineErrors,
  ...cliErrors,
} as const satisfies Record<string, ErrorEntry>;

/** A code of {@link errorTable}. */
export type ErrorCode = keyof typeof errorTable;
