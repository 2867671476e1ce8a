export { acquireLease } from "./lease.ts";
export { openRecordFile, readRecordFile } from "./record-file.ts";
export { syncFolder, writeFileDurably } from "./write-file-durably.ts";
export type { Lease, LeaseHolder, LeaseOptions } from "./lease.ts";
export type { RecordFile, RecordFileOptions } from "./record-file.ts";
