import { HxpError } from "@hxp/errors";
import type { KeyRecord } from "@hxp/schema-storage";

/** What a route asks of a key: an endpoint in its scope, or the right to administrate. */
export type Scope = NonNullable<KeyRecord["endpoints"]>[number] | "admin";

/** Throws PERMISSION_DENIED, with `details.reason`, when the key may not use what the scope names. */
export function authorise(key: KeyRecord, scope: Scope): void {
  if (scope === "admin") {
    if (!key.admin) throw denied("admin", key, "The API key may not use the admin API.");
  } else if (key.endpoints !== undefined && !key.endpoints.includes(scope)) {
    throw denied("scope", key, `The API key may not use the endpoint ${scope}.`);
  }
}

/** Whether a key may use a model. */
export function mayUseModel(key: KeyRecord, model: string): boolean {
  return key.models === undefined || key.models.includes(model);
}

function denied(reason: "admin" | "scope", { id }: KeyRecord, message: string): HxpError {
  return new HxpError("PERMISSION_DENIED", message, { details: { reason, keyId: id } });
}
