import type { KeyRecord, Limits } from "@hxp/schema-storage";
import { renderTable } from "../output/render-table.ts";

/** A key as it may be shown: without its hashes. */
export type ShownKey = Omit<KeyRecord, "hash" | "previousHash"> & { readonly state: KeyState };

/** Whether a key is taken. */
type KeyState = "active" | "rotating" | "expired" | "revoked";

/** A key without its hashes, and whether it is taken at `now`. */
export function showKey({ hash: _hash, previousHash: _previous, ...key }: KeyRecord, now: number): ShownKey {
  return { ...key, state: stateOf(key, now) };
}

function stateOf({ revokedAt, expiresAt, previousUntil }: Partial<KeyRecord>, now: number): KeyState {
  if (revokedAt !== undefined) return "revoked";
  if (expiresAt !== undefined && Date.parse(expiresAt) <= now) return "expired";
  return previousUntil !== undefined && Date.parse(previousUntil) > now ? "rotating" : "active";
}

/** A table of keys. */
export function renderKeys(keys: readonly ShownKey[]): string {
  if (keys.length === 0) return "There are no keys. Make one with: hxp keys create --name <name>";
  const rows = keys.map((key) => [
    key.id,
    key.name,
    key.owner,
    key.team ?? "",
    key.state,
    key.admin ? "admin" : (key.models?.join(",") ?? "all models"),
    renderLimits(key.limits),
    key.expiresAt?.slice(0, 16).replace("T", " ") ?? "never",
  ]);
  return renderTable(["Id", "Name", "Owner", "Team", "State", "May use", "Limits", "Expires"], rows);
}

function renderLimits({ requestsPerMinute, tokensPerMinute, concurrency, budget }: Limits): string {
  const parts = [
    requestsPerMinute === undefined ? "" : `${requestsPerMinute} requests/min`,
    tokensPerMinute === undefined ? "" : `${tokensPerMinute} tokens/min`,
    concurrency === undefined ? "" : `${concurrency} at once`,
    budget?.tokens === undefined ? "" : `${budget.tokens} tokens/${budget.period}`,
    budget?.cost === undefined ? "" : `cost ${budget.cost}/${budget.period}`,
  ].filter((part) => part !== "");
  return parts.length === 0 ? "default" : parts.join(", ");
}
