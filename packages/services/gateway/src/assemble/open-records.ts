import { join } from "node:path";
import type { GatewayConfig } from "@hxp/schema-gateway";
import type { Admission } from "../admit/admission.ts";
import { type Auditor, createAuditor } from "../admin/auditor.ts";
import { createKeyCache, type KeyCache } from "../authenticate/key-cache.ts";
import type { GatewayOptions } from "../gateway-options.ts";
import { createDenialLog, type DenialLog } from "../observe/denial-log.ts";
import { createKeyHooks, createUsageHooks, readStoreGauges } from "../observe/store-hooks.ts";
import { learnBudgets } from "../settle/learn-budgets.ts";
import { createUsageRecorder, type UsageRecorder } from "../settle/usage-recorder.ts";
import { openUsageSpool, type UsageSpool } from "../settle/usage-spool.ts";
import type { Instrumentation } from "./open-instruments.ts";
import type { OpenedKeys } from "./open-keys.ts";

/** What knows and keeps: keys, usage, audit. */
export interface Records extends AsyncDisposable {
  readonly keys: KeyCache;
  readonly recorder: UsageRecorder;
  readonly auditor: Auditor;
  readonly denials: DenialLog;
}

/** What {@link openRecords} takes. */
export interface RecordsInput {
  readonly options: GatewayOptions;
  readonly config: GatewayConfig;
  readonly opened: OpenedKeys;
  readonly admission: Admission;
  readonly instrumentation: Instrumentation;
}

const budgetInterval = 10_000;

/** Opens keys, usage and audit, and reads what is needed to begin with. A storage that does not answer does not stop it. */
export async function openRecords(input: RecordsInput): Promise<Records> {
  const { options, config, opened, admission, instrumentation } = input;
  const { instruments, log } = instrumentation;
  const { keys: keyStore, usage } = opened.stores;
  const spool = await openSpool(options, config);
  const keys = createKeyCache({
    ...config.keys.cache,
    snapshot: config.keys.cache.snapshot ?? inFolder(options, ["keys", "snapshot"]),
    store: keyStore,
    pepper: opened.pepper,
    clock: options.clock,
    hooks: createKeyHooks(log),
  });
  const recorder = createUsageRecorder({
    ...config.usage,
    store: usage,
    spool,
    clock: options.clock,
    hooks: createUsageHooks(instruments, log, admission),
  });
  const auditor = createAuditor({ audit: options.audit, metrics: instruments, log });
  const denials = createDenialLog({ metrics: instruments, log, audit: auditor.note });
  readStoreGauges(instruments, { keys, recorder, spool });

  await keys.start();
  // Budgets are read after what a former process left is in the storage.
  await recorder.flush();
  const onUnread = (error: unknown): void => log.budgetsUnread({ error });
  const budgets = await learnBudgets({ admission, usage, interval: budgetInterval, onUnread });
  return {
    keys,
    recorder,
    auditor,
    denials,
    [Symbol.asyncDispose]: async () => {
      await budgets[Symbol.asyncDispose]();
      await denials[Symbol.asyncDispose]();
      await recorder[Symbol.asyncDispose]();
      await keys[Symbol.asyncDispose]();
    },
  };
}

async function openSpool(options: GatewayOptions, { usage }: GatewayConfig): Promise<UsageSpool | undefined> {
  const folder = usage.spool ?? inFolder(options, ["spool"]);
  return folder === undefined
    ? undefined
    : openUsageSpool({ folder, maxBytes: usage.maxSpoolBytes, clock: options.clock });
}

function inFolder({ data }: GatewayOptions, path: readonly string[]): string | undefined {
  return data === undefined ? undefined : join(data, ...path);
}
