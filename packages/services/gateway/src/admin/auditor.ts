import { HxpError, toHxpError } from "@hxp/errors";
import type { Instruments, LogEvents } from "@hxp/service";
import type { AuditEvent, AuditLog } from "@hxp/service/audit";
import type { gatewayLogEvents } from "../catalogue/log-events.ts";
import type { gatewayMetrics } from "../catalogue/metrics.ts";

/** Writes to the audit log. */
export interface Auditor {
  /** Writes an event that must be written. Throws AUDIT_LOG_UNWRITABLE, and ENDPOINT_UNSUPPORTED when there is no audit log. */
  readonly require: (event: AuditEvent) => Promise<void>;
  /** Writes an event as well as it can; never rejects. */
  readonly note: (event: AuditEvent) => Promise<void>;
}

/** What {@link createAuditor} takes. */
export interface AuditorOptions {
  readonly audit: Pick<AuditLog, "append"> | undefined;
  readonly metrics: Instruments<typeof gatewayMetrics>;
  readonly log: LogEvents<typeof gatewayLogEvents>;
}

/** Makes the auditor of a gateway. */
export function createAuditor({ audit, metrics, log }: AuditorOptions): Auditor {
  const append = async (event: AuditEvent): Promise<void> => {
    try {
      await audit?.append(event);
    } catch (error) {
      metrics.auditFailures.add({});
      log.auditFailed({ error });
      throw toHxpError(error);
    }
  };
  return {
    require: async (event) => {
      if (audit === undefined) {
        const message = "This server has no audit log, so keys cannot be changed through it.";
        throw new HxpError("ENDPOINT_UNSUPPORTED", message);
      }
      await append(event);
    },
    note: (event) => append(event).catch(() => {}),
  };
}
