export { openStorage } from "./open-storage.ts";
export { openDatabase } from "./open-database.ts";
export { migrate } from "./migrations/migrate.ts";
export { migrationStatus } from "./migrations/migration-status.ts";
export { rollBackTo } from "./migrations/roll-back.ts";
export { applyRetention } from "./retention/apply-retention.ts";
export type { Database, ExclusiveSession, Row, Session, Value } from "./database/database.ts";
export type { OpenDatabaseOptions } from "./open-database.ts";
export type { OpenStorageOptions } from "./open-storage.ts";
