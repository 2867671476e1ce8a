import { parseConfig, requireConfig } from "@hxp/config";
import { type KeyRecord, type StorageConfig, storageSchema, type UsageRecord } from "@hxp/schema-storage";
import { type Database, openDatabase } from "@hxp/storage";

/** Where a database is. */
export interface Place {
  readonly config: StorageConfig;
  readonly folder: string;
}

/** A storage's config with its defaults. */
export function readStorageConfig(written: object = {}): StorageConfig {
  const file = { layer: "file", file: "storage.json", content: JSON.stringify(written) } as const;
  return requireConfig(parseConfig(storageSchema, { files: [file] }));
}

/** Opens the database of a place. */
export function openPlace({ config, folder }: Place): Promise<Database> {
  return openDatabase(config, { folder });
}

/** A key for a test. */
export function exampleKey(number: number, change: Partial<KeyRecord> = {}): Omit<KeyRecord, "revision"> {
  return {
    id: String(number).padStart(16, "0"),
    hash: "a".repeat(64),
    name: `key ${number}`,
    owner: "ada",
    admin: false,
    priority: "default",
    limits: {},
    createdAt: "2026-01-02T03:04:05.678Z",
    ...change,
  };
}

/** A record of usage for a test. */
export function exampleUsage(id: string, change: Partial<UsageRecord> = {}): UsageRecord {
  return {
    id,
    at: "2026-03-04T05:06:07.890Z",
    key: "0000000000000001",
    owner: "ada",
    model: "guide",
    endpoint: "chat",
    promptTokens: 10,
    cachedTokens: 2,
    completionTokens: 5,
    countedBy: "engine",
    cost: 0.1,
    outcome: "completed",
    durationMs: 12.5,
    ...change,
  };
}
