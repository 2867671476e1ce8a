import { cpus, loadavg, totalmem } from "node:os";

/** What a bench ran on; a number without it says nothing. */
export interface Machine {
  cpus: number;
  cpu: string;
  memoryBytes: number;
  node: string;
  platform: string;
  /** Load averages over 1, 5 and 15 minutes. */
  load: string;
}

/** Describes this machine as it is now. */
export function describeMachine(): Machine {
  const [cpu] = cpus();
  return {
    cpus: cpus().length,
    cpu: cpu?.model ?? "unknown",
    memoryBytes: totalmem(),
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    load: loadavg()
      .map((value) => value.toFixed(1))
      .join(" "),
  };
}
