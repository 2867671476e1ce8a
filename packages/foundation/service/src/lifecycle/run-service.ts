import { createNotifier, type Notifier } from "../notify/notifier.ts";
import { type ServiceHandle, type ServiceOptions, startService } from "./start-service.ts";

/** What {@link runService} takes beside the service. */
export interface RunOptions extends ServiceOptions {
  /** Default: what NOTIFY_SOCKET of the environment says. */
  notifier?: Notifier;
  /** Where signals come from and how the process ends. Default: this process. */
  process?: Pick<NodeJS.Process, "on" | "off" | "exit">;
}

const signals = { SIGTERM: 143, SIGINT: 130 } as const;

/**
 * Runs a service as this whole process: starts it, drains it on SIGTERM and SIGINT, and tells the service manager how it
 * goes. A second signal ends the process at once, with 143 or 130. Resolves with the exit code, for `process.exitCode`.
 */
export async function runService(options: RunOptions): Promise<number> {
  const owner = options.process ?? process;
  let handle: ServiceHandle | undefined;
  let count = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    count += 1;
    if (count > 1) owner.exit(signal === "SIGINT" ? signals.SIGINT : signals.SIGTERM);
    void handle?.drain(signal);
  };
  for (const signal of Object.keys(signals)) owner.on(signal, onSignal);
  try {
    handle = startService(options);
    const { exitCode } = await handle.stopped;
    return exitCode;
  } finally {
    for (const signal of Object.keys(signals)) owner.off(signal, onSignal);
  }
}
void createNotifier;
