import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig, requireConfig } from "@hxp/config";
import { storageSchema } from "@hxp/schema-storage";
import { openStorage } from "@hxp/storage";

const folder = await mkdtemp(join(tmpdir(), "storage-"));
const config = requireConfig(parseConfig(storageSchema, {})); // embedded; with a url, PostgreSQL
const stores = await openStorage(config, { folder });
const key = await stores.keys.insert({
  id: "0123456789abcdef",
  hash: "0".repeat(64), // HMAC-SHA-256 of the secret part under the server's pepper
  name: "first key",
  owner: "ada",
  admin: false,
  priority: "default",
  limits: { requestsPerMinute: 60 },
  createdAt: new Date().toISOString(),
});
await stores.keys.replace({ ...key, revokedAt: new Date().toISOString() });
console.log(await stores.keys.changedSince(key.revision)); // what a server asks each second: the revoked key
const record = {
  id: "request-1",
  at: new Date().toISOString(),
  key: key.id,
  owner: key.owner,
  team: "search",
  model: "guide",
  endpoint: "chat",
  promptTokens: 12,
  cachedTokens: 0,
  completionTokens: 30,
  countedBy: "engine",
  cost: 0.0042,
  outcome: "completed",
  durationMs: 180,
} as const;
await stores.usage.append([record]);
await stores.usage.append([record]); // the same id: changes nothing
const [sum] = await stores.usage.sum({ by: "team", since: new Date(Date.now() - 3_600_000).toISOString() });
console.log(sum); // { group: "search", requests: 1, promptTokens: 12, …, cost: 0.0042 }
await stores[Symbol.asyncDispose]();
await rm(folder, { recursive: true });
