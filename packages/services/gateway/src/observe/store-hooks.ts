import type { Instruments, LogEvents } from "@hxp/service";
import type { Admission } from "../admit/admission.ts";
import type { KeyCache, KeyCacheHooks } from "../authenticate/key-cache.ts";
import type { gatewayLogEvents } from "../catalogue/log-events.ts";
import type { gatewayMetrics } from "../catalogue/metrics.ts";
import type { UsageHooks, UsageRecorder } from "../settle/usage-recorder.ts";
import type { UsageSpool } from "../settle/usage-spool.ts";

type GatewayInstruments = Instruments<typeof gatewayMetrics>;
type GatewayLog = LogEvents<typeof gatewayLogEvents>;

/** What the key cache tells the log. */
export function createKeyHooks(log: GatewayLog): KeyCacheHooks {
  return {
    onUnread: (error) => log.keysUnread({ error }),
    onRead: (outageMs) => log.keysRead({ outageMs: Number.isFinite(outageMs) ? outageMs : 0 }),
    onSnapshotFailed: (error) => log.snapshotFailed({ error }),
  };
}

/** What the recorder of usage tells metrics, the log and the budgets. */
export function createUsageHooks(
  metrics: GatewayInstruments,
  log: GatewayLog,
  admission: Pick<Admission, "markStored">,
): UsageHooks {
  const count = (fate: string, records: number): void => metrics.usageRecords.add({ fate }, records);
  return {
    onStored: (records) => {
      count("stored", records.length);
      admission.markStored(records);
    },
    onSpooled: (records) => count("spooled", records.length),
    onReplayed: (records) => {
      count("replayed", records.length);
      admission.markStored(records);
      log.usageReplayed({ records: records.length });
    },
    onDown: (error) => log.usageSpooling({ error }),
    onDropped: (records, error) => {
      count("dropped", records);
      log.usageDropped({ records, error });
    },
    onRejected: (file, error) => log.usageRejected({ file, error }),
  };
}

/** Has the gauges of keys and usage read when metrics are. */
export function readStoreGauges(
  metrics: GatewayInstruments,
  { keys, recorder, spool }: { keys: KeyCache; recorder: UsageRecorder; spool: UsageSpool | undefined },
): void {
  metrics.keys.read({}, () => keys.state().keys);
  metrics.keysAge.read({}, () => keys.state().ageMs / 1000);
  metrics.usagePending.read({}, () => recorder.pending);
  metrics.spoolBytes.read({}, () => spool?.bytes ?? 0);
}
