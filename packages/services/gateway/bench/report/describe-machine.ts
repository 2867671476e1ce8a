import { cpus, loadavg, totalmem } from "node:os";

/** What a bench ran on, and how busy that was. */
export interface Machine {
  readonly cpus: number;
  readonly cpu: string;
  readonly memoryBytes: number;
  readonly node: string;
  readonly platform: string;
  /** Mean numbers of processes that wanted to run, of the last 1, 5 and 15 minutes. */
  readonly load: string;
}

/** Looks at this machine. */
export function describeMachine(): Machine {
  return {
    cpus: cpus().length,
    cpu: cpus()[0]?.model ?? "unknown",
    memoryBytes: totalmem(),
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    load: loadavg()
      .map((value) => value.toFixed(1))
      .join(" "),
  };
}
