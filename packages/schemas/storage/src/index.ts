export { storageSchema } from "./storage-schema.ts";
export type { StorageConfig, WrittenStorage } from "./storage-schema.ts";
export { isLocalDatabase } from "./rules/connection-rules.ts";
export { endpointNames, type KeyRecord, keyRecord, type Limits, limitsRecord } from "./records/key-record.ts";
export { type UsageGroup, type UsageRecord, usageRecord, type UsageSum } from "./records/usage-record.ts";
export type { KeyStore, Stores, UsageQuery, UsageStore } from "./stores.ts";
