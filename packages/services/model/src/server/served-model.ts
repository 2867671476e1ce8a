import type { LoadedModel } from "@hxp/engine";
import type { LogEvents, Metrics } from "@hxp/service";
import type { modelEvents } from "./model-events.ts";
import type { ModelInstruments } from "./model-metrics.ts";
import type { RecentUsage } from "./recent-usage.ts";

/** A model and the name that clients ask for, with all that answering needs. */
export interface ServedModel {
  readonly name: string;
  readonly model: LoadedModel;
  /** Changes with whatever may change answers: model, engine and settings. */
  readonly fingerprint: string;
  /** Milliseconds since 1970; when the model was loaded. */
  readonly createdAt: number;
  readonly usage: RecentUsage;
  readonly maxBodyBytes: number;
  /** Aborted when answers must end now, reason SERVER_DRAINING. */
  readonly deadline: AbortSignal;
  readonly metrics: Metrics;
  readonly instruments: ModelInstruments;
  readonly events: LogEvents<typeof modelEvents>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}
