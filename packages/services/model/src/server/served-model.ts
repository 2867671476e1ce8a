import type { LoadedModel } from "@hxp/engine";
import type { RecentUsage } from "./recent-usage.ts";

/** A model and the name that clients ask for. */
export interface ServedModel {
  readonly name: string;
  readonly model: LoadedModel;
  /** Changes with whatever may change answers: model, engine and settings. */
  readonly fingerprint: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly usage: RecentUsage;
  readonly maxBodyBytes: number;
}
