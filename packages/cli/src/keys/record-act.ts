import { setTimeout as sleep } from "node:timers/promises";
import { isHxpError, toHxpError } from "@hxp/errors";
import { type AuditEvent, type AuditLog, openAuditLog } from "@hxp/service/audit";
import { currentUser } from "./current-user.ts";

/** An act of the operator's, before it is done. */
export type Act = Pick<AuditEvent, "event" | "target" | "details">;

/**
 * The audit log of what is done by this command: beside the server's own, which has the server as its one writer, so that
 * both can write at the same time.
 */
export function operatorLogOf(auditFile: string): string {
  return auditFile.replace(/(?:\.jsonl)?$/, "-operator.jsonl");
}

/**
 * Records an act and then does it: what cannot be recorded is not done. One that fails is followed by a line that says so.
 * Throws AUDIT_LOG_UNWRITABLE, AUDIT_LOG_BROKEN or LEASE_HELD, and whatever the act throws.
 */
export async function recordAct<T>(file: string, act: Act, work: () => Promise<T>): Promise<T> {
  await using log = await openSoon(file);
  const actor = currentUser();
  await log.append({ ...act, actor, outcome: "done" });
  try {
    return await work();
  } catch (error) {
    await log.append({ ...act, actor, outcome: "failed", details: { ...act.details, error: toHxpError(error).code } });
    throw error;
  }
}

const patienceMs = 10_000;

/** Another command may be writing; it is done in a moment. */
async function openSoon(file: string): Promise<AuditLog> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      return await openAuditLog({ file });
    } catch (error) {
      if (!isHxpError(error, "LEASE_HELD") || Date.now() > deadline) throw error;
      await sleep(50);
    }
  }
}
