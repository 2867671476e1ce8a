import type { LoadedModel } from "@hxp/engine";
import type { SimulatorClock } from "../engine/clock.ts";
import type { FaultSchedule } from "./request-fault.ts";
import type { RequestLog, SimulatedRequest } from "./request-log.ts";
import { FirstTokenTimes } from "./vllm-metrics.ts";

/** What all requests of one server share. */
export class Simulator {
  readonly model: LoadedModel;
  readonly modelName: string;
  readonly clock: SimulatorClock;
  readonly log: RequestLog;
  readonly apiKey: string | undefined;
  readonly maxWaiting: number;
  readonly firstTokens = new FirstTokenTimes();
  schedule: FaultSchedule;
  /** Requests for answers, for the schedule. */
  index = 0;

  constructor(
    options: Pick<Simulator, "model" | "modelName" | "clock" | "log" | "apiKey" | "maxWaiting" | "schedule">,
  ) {
    this.model = options.model;
    this.modelName = options.modelName;
    this.clock = options.clock;
    this.log = options.log;
    this.apiKey = options.apiKey;
    this.maxWaiting = options.maxWaiting;
    this.schedule = options.schedule;
  }

  /** Seconds since 1970. */
  seconds(): number {
    return Math.floor(Date.now() / 1000);
  }

  noteFirstToken(request: SimulatedRequest): void {
    if (request.firstTokenAt !== undefined) return;
    request.firstTokenAt = this.clock.now();
    this.firstTokens.observe((request.firstTokenAt - request.receivedAt) / 1000);
  }
}
