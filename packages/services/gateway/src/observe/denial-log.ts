import type { HxpError } from "@hxp/errors";
import type { Instruments, LogEvents } from "@hxp/service";
import type { AuditEvent } from "@hxp/service/audit";
import type { gatewayLogEvents } from "../catalogue/log-events.ts";
import type { gatewayMetrics } from "../catalogue/metrics.ts";
import type { EndedRequest } from "../server/create-handler.ts";

/** Writes down who was denied access: the first of a kind at once, the others of the same 10 s as one. */
export interface DenialLog extends AsyncDisposable {
  add(ended: EndedRequest, error: HxpError): void;
}

/** What {@link createDenialLog} takes. */
export interface DenialLogOptions {
  readonly metrics: Instruments<typeof gatewayMetrics>;
  readonly log: LogEvents<typeof gatewayLogEvents>;
  /** Writes an event to the audit log; never rejects. */
  readonly audit: (event: AuditEvent) => Promise<void>;
}

interface Denial {
  readonly reason: string;
  readonly keyId: string | undefined;
  readonly address: string;
  readonly route: string;
}

const windowMs = 10_000;
// Strangers choose from how many addresses they come.
const maxKinds = 200;

/**
 * Makes the log of denials. Strangers decide how many there are, so what is written is bounded: at most 200 kinds in 10 s, each once and then
 * once more with its count; none is lost from the counts.
 */
export function createDenialLog({ metrics, log, audit }: DenialLogOptions): DenialLog {
  let kinds = new Map<string, { readonly denial: Denial; more: number }>();
  const writing = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | undefined;

  const write = (denial: Denial, count: number, requestId?: string): void => {
    const { reason, keyId, address, route } = denial;
    log.accessDenied({ reason, keyId, address, count, requestId });
    const details = { reason, address, count, ...(requestId === undefined ? {} : { requestId }) };
    const event = {
      event: "access.denied",
      actor: keyId ?? "unknown",
      target: route,
      outcome: "denied",
      details,
    } as const;
    const written = audit(event).finally(() => writing.delete(written));
    writing.add(written);
  };
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const ended = kinds;
    kinds = new Map();
    for (const { denial, more } of ended.values()) if (more > 0) write(denial, more);
  };

  return {
    add: (ended, error) => {
      const denial = toDenial(ended, error);
      metrics.denied.add({ reason: denial.reason });
      timer ??= setTimeout(flush, windowMs).unref();
      const id = kindOf(denial);
      const known = kinds.get(id);
      if (known !== undefined) {
        known.more += 1;
      } else if (kinds.size < maxKinds) {
        kinds.set(id, { denial, more: 0 });
        write(denial, 1, ended.id);
      } else {
        const rest = kinds.get("") ?? {
          denial: { ...denial, keyId: undefined, address: "others", route: "others" },
          more: 0,
        };
        rest.more += 1;
        kinds.set("", rest);
      }
    },
    [Symbol.asyncDispose]: async () => {
      flush();
      await Promise.all(writing);
    },
  };
}

function toDenial({ request, route }: EndedRequest, { details }: HxpError): Denial {
  const { reason, keyId } = details;
  return {
    reason: typeof reason === "string" ? reason : "scope",
    keyId: typeof keyId === "string" ? keyId : undefined,
    address: request.socket.remoteAddress ?? "unknown",
    route: route?.name ?? "unknown",
  };
}

function kindOf({ reason, keyId, address, route }: Denial): string {
  return `${reason} ${keyId ?? ""} ${address} ${route}`;
}
