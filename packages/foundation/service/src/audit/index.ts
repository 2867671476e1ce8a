export { openAuditLog } from "./open-audit-log.ts";
export { verifyAuditLog } from "./verify-audit-log.ts";
export type { AuditLog, AuditLogOptions } from "./open-audit-log.ts";
export type { AuditEvent, AuditHead, AuditRecord } from "./audit-record.ts";
export type { AuditProblem, TamperKind } from "./check-chain.ts";
export type { AuditVerdict, VerifyOptions } from "./verify-audit-log.ts";
